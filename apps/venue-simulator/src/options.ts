import { parseArgs } from 'node:util';

/** How the process is started, worked out from arguments and environment. */
export interface ProcessOptions {
  readonly port: number;
  readonly host: string;
  readonly seed: number | null;
  readonly stepMs: number;
  readonly limits: 'venue' | 'unlimited';
}

export const HELP = `Usage: venue-simulator [--port N] [--host ADDRESS] [--seed N] [--help]

Serves simulated venues on one port: put http://HOST:PORT/<venue> in place of the venue's own address.
An argument wins over its setting.

  --port N        BREAKWATER_SIMULATOR_PORT     port to listen on (4010; 0 takes a free one)
  --host ADDRESS  BREAKWATER_SIMULATOR_HOST     address to listen on (127.0.0.1)
  --seed N        BREAKWATER_SIMULATOR_SEED     same prices and ids at every start
                  BREAKWATER_SIMULATOR_STEP_MS  time between market maker steps, ms (250; 0: only by POST /_sim/step)
                  BREAKWATER_SIMULATOR_LIMITS   venue or unlimited: whether rate limits are kept (venue)
`;

const PORT_MAX = 65_535;
const SEED_MAX = 4_294_967_295;
const STEP_MS_MAX = 3_600_000;

/**
 * Reads the options; `null` when help was asked for.
 * @throws {RangeError} with one line that names the setting.
 */
export function readOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): ProcessOptions | null {
  const { values } = parse(args);
  if (values.help === true) return null;
  const limits = env['BREAKWATER_SIMULATOR_LIMITS'] ?? 'venue';
  if (limits !== 'venue' && limits !== 'unlimited') throw new RangeError('BREAKWATER_SIMULATOR_LIMITS must be venue or unlimited');
  const seed = values.seed ?? env['BREAKWATER_SIMULATOR_SEED'];
  return {
    port: wholeNumber('BREAKWATER_SIMULATOR_PORT', values.port ?? env['BREAKWATER_SIMULATOR_PORT'] ?? '4010', PORT_MAX),
    host: values.host ?? env['BREAKWATER_SIMULATOR_HOST'] ?? '127.0.0.1',
    seed: seed === undefined || seed === '' ? null : wholeNumber('BREAKWATER_SIMULATOR_SEED', seed, SEED_MAX),
    stepMs: wholeNumber('BREAKWATER_SIMULATOR_STEP_MS', env['BREAKWATER_SIMULATOR_STEP_MS'] ?? '250', STEP_MS_MAX),
    limits,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { port: { type: 'string' }, host: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    throw new RangeError(`${error instanceof Error ? error.message : 'bad arguments'} (see --help)`);
  }
}

function wholeNumber(name: string, text: string, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number.parseInt(text, 10) : -1;
  if (value < 0 || value > max) throw new RangeError(`${name} must be a whole number from 0 to ${max}`);
  return value;
}
