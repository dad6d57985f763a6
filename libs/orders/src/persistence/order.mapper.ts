import { ZERO, decimal } from '#libs/kernel';
import type { AccountName, Decimal, OrderId } from '#libs/kernel';
import type { OrderStatus, OrderType, Side, TimeInForce } from '#libs/model';
import type { OrderState, OrderTerms, RejectReason } from '../domain/index.js';

/** A row of `orders`, as the driver gives it: numeric columns are text. */
export interface OrderRow {
  readonly id: string;
  readonly account: string;
  readonly venue: string;
  readonly symbol: string;
  readonly side: string;
  readonly type: string;
  readonly time_in_force: string | null;
  readonly quantity: string | null;
  readonly quote_quantity: string | null;
  readonly price: string | null;
  readonly stop_price: string | null;
  readonly post_only: boolean;
  readonly reduce_only: boolean;
  readonly expires_at: Date | null;
  readonly client_order_id: string | null;
  readonly idempotency_key: string | null;
  readonly fingerprint: string;
  readonly venue_client_id: string;
  readonly api_key_id: string;
  readonly correlation_id: string | null;
  readonly created_at: Date;
  readonly on_not_created: string;
  readonly resubmit_until: Date | null;
}

/** Columns of `order_states` beside those of `orders`; all null where the projection is not there yet. */
export interface StateRow {
  readonly status: string | null;
  readonly version: number | null;
  readonly venue_order_id: string | null;
  readonly current_quantity: string | null;
  readonly filled_quantity: string | null;
  readonly filled_quote: string | null;
  readonly fees: Record<string, string> | null;
  readonly reject_reason: RejectReason | null;
  readonly sent_at: Date | null;
  readonly acknowledged_at: Date | null;
  readonly updated_at: Date | null;
}

export function termsFrom(row: OrderRow): OrderTerms {
  return {
    id: row.id as OrderId,
    account: row.account as AccountName,
    venue: row.venue,
    symbol: row.symbol,
    side: row.side as Side,
    type: row.type as OrderType,
    timeInForce: row.time_in_force as TimeInForce | null,
    quantity: decimalOrNull(row.quantity),
    quoteQuantity: decimalOrNull(row.quote_quantity),
    price: decimalOrNull(row.price),
    stopPrice: decimalOrNull(row.stop_price),
    postOnly: row.post_only,
    reduceOnly: row.reduce_only,
    expiresAtMs: row.expires_at?.getTime() ?? null,
    clientOrderId: row.client_order_id,
    idempotencyKey: row.idempotency_key,
    fingerprint: row.fingerprint,
    venueClientId: row.venue_client_id,
    apiKeyId: row.api_key_id,
    correlationId: row.correlation_id,
    createdAtMs: row.created_at.getTime(),
    onNotCreated: row.on_not_created as OrderTerms['onNotCreated'],
    resubmitUntilMs: row.resubmit_until?.getTime() ?? null,
  };
}

/** The state as the projection shows it: enough for answers; what only the engine needs stays at its neutral value. */
export function stateFrom(row: OrderRow & StateRow): OrderState {
  const terms = termsFrom(row);
  return {
    terms,
    status: (row.status as OrderStatus | null) ?? 'pending-new',
    version: row.version ?? 1,
    venueOrderId: row.venue_order_id,
    quantity: decimalOrNull(row.current_quantity) ?? terms.quantity,
    filledQuantity: decimalOrNull(row.filled_quantity) ?? ZERO,
    filledQuote: decimalOrNull(row.filled_quote) ?? ZERO,
    fees: new Map(Object.entries(row.fees ?? {}).map(([asset, amount]) => [asset, decimal(amount)])),
    tradeIds: new Set(),
    inferred: [],
    rejectReason: row.reject_reason,
    closing: null,
    cancelRequested: false,
    amendRequested: null,
    openAttempt: null,
    cancelAttempt: null,
    amendAttempt: null,
    attempts: 0,
    sentAtMs: row.sent_at?.getTime() ?? null,
    acknowledgedAtMs: row.acknowledged_at?.getTime() ?? null,
    updatedAtMs: (row.updated_at ?? row.created_at).getTime(),
  };
}

export function feesJson(fees: ReadonlyMap<string, Decimal>): string {
  return JSON.stringify(Object.fromEntries([...fees].map(([asset, amount]) => [asset, amount.toFixed()])));
}

function decimalOrNull(text: string | null): Decimal | null {
  return text === null ? null : decimal(text);
}
