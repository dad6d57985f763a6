import { decimalOut, nameSchema, positiveDecimalSchema, symbolSchema, timeOut, timeSchema } from '#libs/http';
import { ORDER_STATUSES, ORDER_TYPES, SIDES, TIMES_IN_FORCE } from '#libs/model';
import { z } from 'zod';
import type { OrderRequest } from '../application/order-request.js';

export const BATCH_MAX = 100;

/** Printable, no spaces: fit for every log, index and URL. */
const clientOrderId = z.string().regex(/^[\x21-\x7e]{1,64}$/, { error: 'must be 1 to 64 printable characters without spaces' });

const orderShape = z.strictObject({
  account: nameSchema,
  symbol: symbolSchema,
  side: z.enum(SIDES),
  type: z.enum(ORDER_TYPES),
  quantity: positiveDecimalSchema.optional(),
  quoteQuantity: positiveDecimalSchema.optional(),
  price: positiveDecimalSchema.optional(),
  stopPrice: positiveDecimalSchema.optional(),
  timeInForce: z.enum(TIMES_IN_FORCE).optional(),
  expiresAt: timeSchema.optional(),
  clientOrderId: clientOrderId.optional(),
  postOnly: z.boolean().default(false),
  reduceOnly: z.boolean().default(false),
  onNotCreated: z.enum(['reject', 'resubmit']).default('reject'),
  resubmitUntil: timeSchema.optional(),
});

type OrderShape = z.output<typeof orderShape>;
type Finding = readonly [path: keyof OrderShape, message: string];

/** A new order as it comes in, read to decimals and checked for what belongs together. */
export const orderRequestSchema = orderShape
  .superRefine((order, context) => {
    for (const [path, message] of findings(order)) context.addIssue({ code: 'custom', path: [path], message });
  })
  .transform((order): OrderRequest => ({
    account: order.account,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    timeInForce: isMarket(order) ? null : (order.timeInForce ?? 'GTC'),
    quantity: order.quantity ?? null,
    quoteQuantity: order.quoteQuantity ?? null,
    price: order.price ?? null,
    stopPrice: order.stopPrice ?? null,
    expiresAtMs: order.expiresAt ?? null,
    clientOrderId: order.clientOrderId ?? null,
    postOnly: order.postOnly,
    reduceOnly: order.reduceOnly,
    onNotCreated: order.onNotCreated,
    resubmitUntilMs: order.resubmitUntil ?? null,
  }))
  .meta({ id: 'NewOrder' });

function isMarket(order: OrderShape): boolean {
  return order.type === 'market' || order.type === 'stop-market';
}

/** What the fields demand of each other. The order of the list is the order of the messages. */
function findings(order: OrderShape): Finding[] {
  const found: Finding[] = [];
  const isStop = order.type === 'stop-limit' || order.type === 'stop-market';
  const isLimit = order.type === 'limit' || order.type === 'stop-limit';
  if (isLimit && order.price === undefined) found.push(['price', `is required for a ${order.type} order`]);
  if (!isLimit && order.price !== undefined) found.push(['price', `does not belong to a ${order.type} order`]);
  if (isStop && order.stopPrice === undefined) found.push(['stopPrice', `is required for a ${order.type} order`]);
  if (!isStop && order.stopPrice !== undefined) found.push(['stopPrice', `does not belong to a ${order.type} order`]);
  found.push(...quantityFindings(order), ...restingFindings(order, isLimit));
  return found;
}

function quantityFindings(order: OrderShape): Finding[] {
  if (order.quoteQuantity === undefined) return order.quantity === undefined ? [['quantity', 'is required']] : [];
  if (order.quantity !== undefined) return [['quoteQuantity', 'give quantity or quoteQuantity, not both']];
  return order.type === 'market' && order.side === 'buy' ? [] : [['quoteQuantity', 'belongs to a market buy only; give quantity']];
}

function restingFindings(order: OrderShape, isLimit: boolean): Finding[] {
  const found: Finding[] = [];
  if (!isLimit && order.timeInForce !== undefined && order.timeInForce !== 'GTC' && order.timeInForce !== 'IOC') {
    found.push(['timeInForce', `does not belong to a ${order.type} order`]);
  }
  if (order.timeInForce === 'GTD' && order.expiresAt === undefined) found.push(['expiresAt', 'is required with timeInForce GTD']);
  if (order.timeInForce !== 'GTD' && order.expiresAt !== undefined) found.push(['expiresAt', 'belongs to timeInForce GTD only']);
  if (order.postOnly && order.type !== 'limit') found.push(['postOnly', 'belongs to a limit order only']);
  if (order.postOnly && (order.timeInForce === 'IOC' || order.timeInForce === 'FOK'))
    found.push(['postOnly', 'contradicts a time in force that must trade at once']);
  if (order.resubmitUntil !== undefined && order.onNotCreated !== 'resubmit')
    found.push(['resubmitUntil', 'belongs to onNotCreated resubmit only']);
  return found;
}

export const batchSchema = z.strictObject({ orders: z.array(z.unknown()).min(1).max(BATCH_MAX) }).meta({ id: 'OrderBatch' });

export const amendSchema = z
  .strictObject({ quantity: positiveDecimalSchema.optional(), price: positiveDecimalSchema.optional() })
  .refine((body) => body.quantity !== undefined || body.price !== undefined, { error: 'give a new quantity, a new price, or both' })
  .meta({ id: 'OrderAmend' });

export const cancelAllSchema = z.strictObject({ account: nameSchema, symbol: symbolSchema.optional() }).meta({ id: 'CancelAll' });

export const idempotencyKeySchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, { error: 'must be 1 to 128 printable characters without spaces' });

const feeOut = z.object({ asset: z.string(), amount: decimalOut });
const rejectReasonOut = z.object({ code: z.string(), message: z.string(), venueCode: z.string().nullable() });

export const orderOut = z
  .object({
    id: z.string(),
    account: z.string(),
    venue: z.string(),
    symbol: z.string(),
    side: z.enum(SIDES),
    type: z.enum(ORDER_TYPES),
    timeInForce: z.enum(TIMES_IN_FORCE).nullable(),
    quantity: decimalOut.nullable(),
    quoteQuantity: decimalOut.nullable(),
    price: decimalOut.nullable(),
    stopPrice: decimalOut.nullable(),
    expiresAt: timeOut.nullable(),
    postOnly: z.boolean(),
    reduceOnly: z.boolean(),
    clientOrderId: z.string().nullable(),
    venueOrderId: z.string().nullable(),
    status: z.enum(ORDER_STATUSES),
    filledQuantity: decimalOut,
    averagePrice: decimalOut.nullable(),
    fees: z.array(feeOut),
    rejectReason: rejectReasonOut.nullable(),
    createdAt: timeOut,
    sentAt: timeOut.nullable(),
    acknowledgedAt: timeOut.nullable(),
    updatedAt: timeOut,
    version: z.number().int(),
  })
  .meta({ id: 'Order' });

export type OrderOut = z.output<typeof orderOut>;

export const fillOut = z
  .object({
    id: z.string(),
    orderId: z.string(),
    account: z.string(),
    venue: z.string(),
    symbol: z.string(),
    side: z.enum(SIDES),
    price: decimalOut,
    quantity: decimalOut,
    fee: feeOut.nullable(),
    liquidity: z.enum(['maker', 'taker']).nullable(),
    venueTradeId: z.string(),
    venueOrderId: z.string(),
    source: z.string(),
    venueTime: timeOut,
    bookedAt: timeOut,
  })
  .meta({ id: 'Fill' });

export const orderEventOut = z
  .object({
    version: z.number().int(),
    type: z.string(),
    at: timeOut,
    correlationId: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'OrderEvent' });

export const previewOut = z
  .object({
    acceptable: z.boolean(),
    account: z.string(),
    venue: z.string(),
    symbol: z.string(),
    venueSymbol: z.string(),
    findings: z.array(z.object({ path: z.string(), filter: z.string(), message: z.string() })),
    notional: decimalOut.nullable(),
    rounded: z.object({ quantity: decimalOut.nullable(), price: decimalOut.nullable() }),
  })
  .meta({ id: 'OrderPreview' });
