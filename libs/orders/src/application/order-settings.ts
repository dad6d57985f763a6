/** How the order engine behaves; bound from the settings by the composition root. */
export abstract class OrderSettings {
  /** How long an answer to a client waits for the venue's verdict, ms. */
  abstract readonly ackTimeoutMs: number;
  /** Orders in one journal statement, at most. */
  abstract readonly journalMaxBatch: number;
  /** Orders waiting for the journal, at most; beyond it they are refused. */
  abstract readonly journalMaxWaiting: number;
  /** Records waiting to become durable beyond which new orders are refused. */
  abstract readonly journalBacklogMax: number;
  /** How long a read waits for the journal to be flushed, ms. */
  abstract readonly flushTimeoutMs: number;
  /** First wait before an open outcome is looked up, ms; doubles up to `resolveDelayMaxMs`. */
  abstract readonly resolveDelayMs: number;
  abstract readonly resolveDelayMaxMs: number;
  /** An order that is unknown for longer raises an alarm, ms. */
  abstract readonly alarmAfterMs: number;
  /** How often open orders are compared with the venue's list, ms. */
  abstract readonly sweepIntervalMs: number;
}
