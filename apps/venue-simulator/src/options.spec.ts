import { describe, expect, it } from 'vitest';
import { readOptions } from './options.js';

describe('options of the venue simulator', () => {
  it('have defaults', () => {
    expect(readOptions([], {})).toEqual({ port: 4010, host: '127.0.0.1', seed: null, stepMs: 250, limits: 'venue' });
  });

  it('come from the environment, and arguments win', () => {
    const env = {
      BREAKWATER_SIMULATOR_PORT: '5000',
      BREAKWATER_SIMULATOR_SEED: '3',
      BREAKWATER_SIMULATOR_LIMITS: 'unlimited',
      BREAKWATER_SIMULATOR_STEP_MS: '0',
    };
    expect(readOptions([], env)).toEqual({ port: 5_000, host: '127.0.0.1', seed: 3, stepMs: 0, limits: 'unlimited' });
    expect(readOptions(['--port', '6000', '--seed', '4'], env)).toMatchObject({ port: 6_000, seed: 4 });
  });

  it('are none when help is asked for', () => {
    expect(readOptions(['--help'], {})).toBeNull();
  });

  it.each<[string[], Record<string, string>, string]>([
    [['--port', 'x'], {}, 'BREAKWATER_SIMULATOR_PORT'],
    [[], { BREAKWATER_SIMULATOR_PORT: '70000' }, 'BREAKWATER_SIMULATOR_PORT'],
    [[], { BREAKWATER_SIMULATOR_SEED: '-1' }, 'BREAKWATER_SIMULATOR_SEED'],
    [[], { BREAKWATER_SIMULATOR_STEP_MS: 'fast' }, 'BREAKWATER_SIMULATOR_STEP_MS'],
    [[], { BREAKWATER_SIMULATOR_LIMITS: 'some' }, 'BREAKWATER_SIMULATOR_LIMITS'],
    [['--colour'], {}, '--help'],
  ])('%o with %o is refused by naming %s', (args, env, name) => {
    expect(() => readOptions(args, env)).toThrow(name);
  });
});
