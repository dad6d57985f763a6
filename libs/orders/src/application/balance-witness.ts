/** Knows whether an account's balances are explained by what we have booked. A port, bound to the reconciliation's ledger. */
export abstract class BalanceWitness {
  /**
   * Whether a total of one of these assets has moved at the venue without a fill, fee or transfer of ours that explains it. Asks the
   * venue. @throws VenueError where the venue cannot be asked; then nothing is known.
   */
  abstract unexplained(account: string, assets: readonly string[]): Promise<boolean>;
}
