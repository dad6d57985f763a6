/** An account that this replica holds. */
export interface HeldAccount {
  readonly account: string;
  readonly venue: string;
}

/** What is open on the accounts that this replica may send for. A port, bound to the order engine. */
export abstract class OpenOrders {
  abstract held(): readonly HeldAccount[];
  /**
   * Asks for the cancel of everything open, as far as it is not asked for yet, and waits a while for the venue.
   * @param by who engaged the switch @returns how many orders are still open.
   */
  abstract cancelAll(account: string, by: string): Promise<number>;
}
