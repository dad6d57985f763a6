import type { Exchange } from './exchange.js';

/** The exchanges of this process. Bound by the composition root, the only place that names venues. */
export abstract class ExchangeDirectory {
  abstract all(): readonly Exchange[];
  abstract find(id: string): Exchange | undefined;
}
