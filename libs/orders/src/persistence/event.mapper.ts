import type { JsonValue } from '#libs/audit';
import { decimal, invariant } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import type { VenueFill } from '#libs/model';
import type { OrderEvent, OrderTerms, ReportedChange } from '../domain/index.js';

type Data = { readonly [key: string]: JsonValue };

/** What of an event is stored as JSON: all but its type and the terms, which have a table of their own. Decimals are text. */
export function eventData(event: OrderEvent): Data {
  const { type: _type, ...rest } = event as OrderEvent & { terms?: OrderTerms };
  const { terms: _terms, ...data } = rest;
  return toJson(data) as Data;
}

/** @throws {InvariantViolation} for a type that no version of ours ever wrote. */
export function eventFrom(type: string, data: Record<string, unknown>, terms: OrderTerms): OrderEvent {
  switch (type) {
    case 'submitted':
    case 'refused-before-sending':
      return { type, terms, ...data } as OrderEvent;
    case 'reported':
      return { type, source: data['source'], change: changeFrom(data['change'] as Record<string, unknown>) } as OrderEvent;
    case 'voided':
      return { type, ...data, fills: (data['fills'] as Record<string, unknown>[]).map(fillFrom) } as unknown as OrderEvent;
    case 'permitted':
      return { type, ...data } as unknown as OrderEvent;
    case 'amend-requested':
      return { type, apiKeyId: data['apiKeyId'] as string, quantity: decimal(data['quantity'] as string) };
    case 'refused':
    case 'not-sent':
    case 'outcome-unknown':
    case 'cancel-requested':
    case 'cancel-refused':
    case 'cancel-unknown':
    case 'amend-refused':
    case 'amend-unknown':
    case 'not-created':
    case 'gone-at-venue':
      return { type, ...data } as unknown as OrderEvent;
    default:
      invariant(false, `an order event of a known type, not ${type}`);
  }
}

function changeFrom(data: Record<string, unknown>): ReportedChange {
  const { quantity, fills, replaced, closed, ...rest } = data;
  const ended = closed as { filledQuantity: string } | undefined;
  return {
    ...(rest as ReportedChange),
    ...(quantity === undefined ? {} : { quantity: decimal(quantity as string) }),
    ...(fills === undefined ? {} : { fills: (fills as Record<string, unknown>[]).map(fillFrom) }),
    ...(replaced === undefined ? {} : { replaced: (replaced as Record<string, unknown>[]).map(fillFrom) }),
    ...(ended === undefined
      ? {}
      : { closed: { ...ended, filledQuantity: decimal(ended.filledQuantity) } as NonNullable<ReportedChange['closed']> }),
  };
}

function fillFrom(data: Record<string, unknown>): VenueFill {
  const fee = data['fee'] as { asset: string; amount: string } | null;
  return {
    ...(data as unknown as VenueFill),
    price: decimal(data['price'] as string),
    quantity: decimal(data['quantity'] as string),
    fee: fee === null ? null : { asset: fee.asset, amount: decimal(fee.amount) },
  };
}

/** Decimals to text, everything else as it is; `undefined` is left out. */
function toJson(value: unknown): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number' || value === undefined)
    return value;
  if (isDecimal(value)) return value.toFixed();
  if (Array.isArray(value)) return value.map(toJson);
  return Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, toJson(item)]));
}

function isDecimal(value: unknown): value is Decimal {
  return typeof value === 'object' && value !== null && typeof (value as Decimal).toFixed === 'function';
}
