import type { Decimal } from '#libs/kernel';
import type { OrderType, Side, TimeInForce, VenueOrderReport } from '#libs/model';

/** A new order in our words, already checked against the instrument's filters. */
export interface PlaceCommand {
  readonly kind: 'place';
  readonly symbol: string;
  readonly venueClientId: string;
  readonly side: Side;
  readonly type: OrderType;
  /** `null` for market orders. */
  readonly timeInForce: TimeInForce | null;
  readonly quantity: Decimal | null;
  /** Market buy by amount of quote asset; exactly one of the two quantities is set. */
  readonly quoteQuantity: Decimal | null;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly postOnly: boolean;
}

export interface CancelCommand {
  readonly kind: 'cancel';
  readonly symbol: string;
  readonly venueClientId: string;
  readonly venueOrderId: string | null;
}

/** Lower the quantity in place. `quantity` is the new total, filled part included. */
export interface AmendCommand {
  readonly kind: 'amend';
  readonly symbol: string;
  readonly venueClientId: string;
  readonly venueOrderId: string | null;
  readonly quantity: Decimal;
}

export type VenueCommand = PlaceCommand | CancelCommand | AmendCommand;

/**
 * The exact bytes of one attempt: timestamp pinned, signed. Made before the attempt is journaled, sent at most once.
 * The venue itself refuses it when it arrives after `notAfterMs`.
 */
export interface PreparedCommand {
  readonly kind: VenueCommand['kind'];
  readonly symbol: string;
  /** Signed timestamp, by the venue's clock as far as we know it, ms. */
  readonly timestampMs: number;
  /** Last moment, on our wall clock, at which the venue accepts it, ms; for people: a wall clock may be set. */
  readonly notAfterMs: number;
  /** How long the venue accepts it, counted from now, at the most: our doubts about its clock are in it. ms */
  readonly validForMs: number;
  /** Last moment on our monotonic clock at which its first byte may leave, ms: later the venue might take it after `notAfterMs`. */
  readonly writeBeforeMs: number;
  /** SHA-256 (hex) of method, path and body as they go on the wire. */
  readonly hash: string;
}

export interface SendOptions {
  /** How long to wait for the verdict, ms; afterwards the outcome is `unknown`. */
  readonly deadlineMs: number;
  readonly correlationId: string | null;
}

/** The order as the venue knows it after the command was carried out. */
export type CommandAnswer = VenueOrderReport;
