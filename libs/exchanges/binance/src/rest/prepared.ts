import type { PreparedCommand, VenueCommand } from '#libs/exchanges/contract';
import type { BudgetTicket } from '#libs/exchanges/transport';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One attempt's exact bytes. Its fields are for the adapter; others carry it from `prepare` to `send`. */
export class PreparedBinanceCommand implements PreparedCommand {
  sent = false;
  /** What was taken of the budgets before it was journaled; `null` where that happens when it is sent. */
  reserved: readonly BudgetTicket[] | null = null;

  constructor(
    /** The account that made it: no other may send it. */
    readonly owner: object,
    readonly kind: VenueCommand['kind'],
    readonly symbol: string,
    readonly timestampMs: number,
    readonly notAfterMs: number,
    readonly validForMs: number,
    /** On our monotonic clock: nothing is written later, however the wall clock jumps. */
    readonly writeBeforeMs: number,
    readonly hash: string,
    readonly method: HttpMethod,
    /** With the signed query, where there is one. */
    readonly path: string,
    readonly body: string | null,
  ) {}
}
