import { startSimulator } from '#libs/venue-simulator';
import type { RunningSimulator } from '#libs/venue-simulator';
import { HELP, readOptions } from './options.js';
import type { ProcessOptions } from './options.js';

/** The venue simulator as a process of its own. */
async function main(): Promise<void> {
  const options = read();
  if (options === null) return;
  const simulator = await start(options);
  if (simulator === null) return;
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    void simulator.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.stdout.write(`venue simulator listening on http://${simulator.host}:${simulator.port} (accounts: /_sim/accounts)\n`);
  process.send?.({ ready: true, port: simulator.port });
}

function read(): ProcessOptions | null {
  try {
    const options = readOptions(process.argv.slice(2), process.env);
    if (options === null) process.stdout.write(HELP);
    return options;
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
    return null;
  }
}

async function start(options: ProcessOptions): Promise<RunningSimulator | null> {
  const { port, host, seed, stepMs, limits } = options;
  try {
    return await startSimulator({ port, host, stepMs, limits, ...(seed === null ? {} : { seed }) });
  } catch (error) {
    fail(explain(error, options));
    return null;
  }
}

function explain(error: unknown, { port, host }: ProcessOptions): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EADDRINUSE') return `port ${port} on ${host} is taken: set BREAKWATER_SIMULATOR_PORT to a free one`;
  if (code === 'EACCES') return `port ${port} on ${host} is not permitted: set BREAKWATER_SIMULATOR_PORT to another one`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return `address ${host} cannot be listened on: set BREAKWATER_SIMULATOR_HOST`;
  return error instanceof Error ? error.message : String(error);
}

function fail(line: string): void {
  process.stderr.write(`venue simulator: ${line}\n`);
  process.exitCode = 1;
}

await main();
