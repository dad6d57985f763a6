/** Compares an account's fills and balances with the venue's books. A port, bound to the reconciliation. */
export abstract class AccountAudit {
  /**
   * One look at everything after the account was taken over. `agreed` and `waiting` let new orders in (what waits is counted in full until it
   * is known); `differs`: money has moved that nothing explains yet; `failed`: it could not be looked at. Never throws.
   */
  abstract look(account: string): Promise<'agreed' | 'waiting' | 'differs' | 'failed'>;
  /** Goes on looking until what differs is explained, or as long as that can take. */
  abstract explain(account: string): Promise<void>;
}
