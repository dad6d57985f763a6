import { faultText } from '../state/command-fault.js';
import { StopSignals } from './stop-signals.js';
import { Supervisor } from './supervisor.js';
import { Terminal } from './terminal.js';

const HELP = `usage: npm start

Starts the database, the venue simulator and the gateway, and stops them with Ctrl-C.

  BREAKWATER_PORT            port of the gateway, 3000
  BREAKWATER_SIMULATOR       on, external or off
  BREAKWATER_SIMULATOR_PORT  port of the simulator, 4010
  BREAKWATER_ENV             sandbox or live
  BREAKWATER_HOME            state folder, .breakwater
  DATABASE_URL               a Postgres server instead of the embedded one

Every setting: docs/settings.md`;

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  if (args.length > 0) {
    process.stderr.write(`breakwater: npm start takes no argument ${args[0] ?? ''}; see npm start -- --help\n`);
    return 1;
  }
  try {
    // Where machines read the log, it has the output to itself.
    const forMachines = process.env['NODE_ENV'] === 'production' || process.env['BREAKWATER_LOGGING_FORMAT'] === 'json';
    const terminal = new Terminal(forMachines ? process.stderr : process.stdout);
    return await new Supervisor({ env: process.env, cwd: process.cwd(), terminal, signals: new StopSignals() }).run();
  } catch (error) {
    process.stderr.write(`breakwater: ${faultText(error)}\n`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
