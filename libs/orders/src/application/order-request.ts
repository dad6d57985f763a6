import { hash } from 'node:crypto';
import type { Decimal } from '#libs/kernel';
import type { OrderType, Side, TimeInForce } from '#libs/model';

/** A new order as a client asks for it, each field already read and well-formed. */
export interface OrderRequest {
  readonly account: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce | null;
  readonly quantity: Decimal | null;
  readonly quoteQuantity: Decimal | null;
  readonly price: Decimal | null;
  readonly stopPrice: Decimal | null;
  readonly expiresAtMs: number | null;
  readonly clientOrderId: string | null;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly onNotCreated: 'reject' | 'resubmit';
  /** Until when it may be sent again, ms; `null` takes the usual time. */
  readonly resubmitUntilMs: number | null;
}

/** Who asks, and under which ids. */
export interface Caller {
  readonly apiKeyId: string;
  readonly idempotencyKey: string | null;
  readonly correlationId: string | null;
}

/** SHA-256 (hex) of the request in one canonical form: `0.010` and `0.01` are the same request. */
export function fingerprintOf(request: OrderRequest): string {
  const canonical = [
    request.account,
    request.symbol,
    request.side,
    request.type,
    request.timeInForce ?? '',
    request.quantity?.toFixed() ?? '',
    request.quoteQuantity?.toFixed() ?? '',
    request.price?.toFixed() ?? '',
    request.stopPrice?.toFixed() ?? '',
    request.expiresAtMs === null ? '' : String(request.expiresAtMs),
    request.clientOrderId ?? '',
    request.postOnly ? '1' : '0',
    request.reduceOnly ? '1' : '0',
    // What was not there before must not change the fingerprints of old orders.
    ...(request.onNotCreated === 'resubmit' ? ['resubmit', request.resubmitUntilMs === null ? '' : String(request.resubmitUntilMs)] : []),
  ].join('\n');
  return hash('sha256', canonical);
}
