import type { PostgresNews } from '../state/kept-postgres.js';
import type { Terminal } from './terminal.js';

/** Says on the terminal what happens to the embedded database while everything else goes on. */
export function databaseNews(terminal: Pick<Terminal, 'note' | 'step'>): PostgresNews {
  return {
    lost: (what) => terminal.note(`database: ${what}; starting it again, orders are refused meanwhile`),
    failed: (reason, pauseMs) => terminal.note(`database: ${reason}; trying again in ${(pauseMs / 1000).toFixed(1)} s`),
    back: (outageMs) => terminal.step('database', 'is back, same data, same port', outageMs),
  };
}
