/** Something that must not happen in a healthy world, and did. Kept as a row and paged on, never just a log line. */
export interface Incident {
  readonly kind: 'late-appearance' | 'overfill' | 'fill-voided' | 'balance-drift';
  readonly account: string;
  readonly orderId: string | null;
  readonly symbol: string | null;
  /** Plain facts; amounts as text. */
  readonly detail: Readonly<Record<string, string | number | null>>;
}

/** Where incidents go. A port, bound to the reconciliation. */
export abstract class Incidents {
  abstract raise(incident: Incident): void;
}
