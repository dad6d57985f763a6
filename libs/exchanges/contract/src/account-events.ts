import type { Balance, VenueFill, VenueOrderReport } from '#libs/model';

/** What the venue's private stream says, in our words and in order of arrival. */
export type AccountEvent =
  | { readonly kind: 'order'; readonly report: VenueOrderReport }
  /** Absolute balances of the assets touched; `complete` when it lists all of them. */
  | { readonly kind: 'balances'; readonly balances: readonly Balance[]; readonly venueTimeMs: number; readonly complete: boolean }
  /** Deposit, withdrawal or transfer: a difference with a cause outside trading. */
  | { readonly kind: 'transfer'; readonly asset: string; readonly amount: string; readonly venueTimeMs: number }
  /** The venue took a trade back. */
  | { readonly kind: 'fill-voided'; readonly venueClientId: string; readonly fill: VenueFill; readonly reason: string }
  /** `live`: events flow from now on; whatever happened before must be asked for. `lost`: events may be missing. */
  | { readonly kind: 'stream'; readonly state: 'live' | 'lost'; readonly reason: string | null }
  /** A message we could not read: something may have been missed, so reconcile. Never dropped silently. */
  | { readonly kind: 'unreadable'; readonly reason: string };

export interface Subscription {
  /** Stops for good and frees the socket. Safe to call twice. */
  close(): Promise<void>;
}
