import type { OrderEvent, OrderTerms } from '../domain/index.js';

/** An event as plain JSON: decimals as text, and without the terms, which are the order itself. */
export function readableEvent(event: OrderEvent): Record<string, unknown> {
  const { type: _type, terms: _terms, ...data } = event as OrderEvent & { terms?: OrderTerms };
  return JSON.parse(JSON.stringify(data)) as Record<string, unknown>;
}
