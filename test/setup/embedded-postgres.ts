import { beginTestRun, endTestRun } from '../../libs/database/src/testing.js';

/** Vitest global set-up: a place for the run's Postgres, which the first spec that needs it starts. */
export function setup(): () => Promise<void> {
  const folder = beginTestRun();
  return () => endTestRun(folder);
}
