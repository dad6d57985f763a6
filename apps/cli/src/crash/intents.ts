/** What one client wanted, and everything it was told about it. */
export interface Intent {
  readonly clientOrderId: string;
  /** The line of the table it counts for: what hurt the gateway while it was placed. */
  readonly group: string;
  readonly body: object;
  readonly idempotencyKey: string | null;
  /** Every order id that an answer named; more than one is an order twice. */
  readonly ids: Set<string>;
  /** The last end that an answer told of: `filled`, `canceled`, `rejected`, `expired`. */
  toldEnd: string | null;
}

const ENDS: ReadonlySet<unknown> = new Set(['filled', 'canceled', 'rejected', 'expired']);

/** Notes what an answer says about the order. A refusal names the order too, and ends it. */
export function note(intent: Intent, status: number, body: Readonly<Record<string, unknown>>): void {
  const id = status < 300 ? body['id'] : body['orderId'];
  if (typeof id === 'string') intent.ids.add(id);
  if (status < 300 && ENDS.has(body['status'])) intent.toldEnd = String(body['status']);
}
