import type { Balance } from '#libs/model';

/** Where balances that a venue reported go. A port, bound to the accounts. */
export abstract class BalanceSink {
  /** All balances of the account. */
  abstract replace(account: string, balances: readonly Balance[], atMs: number): void;
  /** Some of them: the others stand. */
  abstract merge(account: string, balances: readonly Balance[], atMs: number): void;
}
