import { Injectable } from '@nestjs/common';
import { err, ok } from '#libs/kernel';
import type { Decimal, Result } from '#libs/kernel';
import { filterViolations, lackingCapability } from '../domain/index.js';
import type { FilterViolation } from '../domain/index.js';
import { AccountSessions } from './account-sessions.js';
import type { OrderProblem } from './order-problem.js';
import type { OrderRequest } from './order-request.js';

export interface Preview {
  readonly request: OrderRequest;
  readonly venue: string;
  readonly venueSymbol: string;
  /** `true`: nothing that can be known beforehand stands against the order. */
  readonly acceptable: boolean;
  readonly findings: readonly FilterViolation[];
  /** Value in the quote asset; `null` where it depends on the market. */
  readonly notional: Decimal | null;
  /** The nearest values that the filters allow, rounded down; absent where there is nothing to round. */
  readonly rounded: { readonly quantity: Decimal | null; readonly price: Decimal | null };
}

/** Checks an order without sending or keeping anything. */
@Injectable()
export class PreviewOrderService {
  constructor(private readonly sessions: AccountSessions) {}

  preview(request: OrderRequest): Result<Preview, OrderProblem> {
    const session = this.sessions.get(request.account);
    if (session === undefined) return err({ code: 'account-not-found', detail: `there is no account ${request.account}` });
    const instrument = session.exchange.instrument(request.symbol);
    if (instrument === undefined)
      return err({ code: 'instrument-not-found', detail: `${session.exchange.id} has no market ${request.symbol}` });
    const lacking = lackingCapability(request, instrument);
    const findings: FilterViolation[] = [...filterViolations(request, instrument)];
    if (lacking !== null)
      findings.push({ path: 'type', filter: 'unsupported-by-venue', message: `${instrument.venue} does not have ${lacking}` });
    if (instrument.status !== 'trading') findings.push({ path: 'symbol', filter: 'market-closed', message: 'is not trading' });
    return ok({
      request,
      venue: instrument.venue,
      venueSymbol: instrument.venueSymbol,
      acceptable: findings.length === 0,
      findings,
      notional: request.quoteQuantity ?? (request.price && request.quantity ? request.price.times(request.quantity) : null),
      rounded: {
        quantity: roundDown(request.quantity, instrument.filters.quantityStep),
        price: roundDown(request.price, instrument.filters.priceTick),
      },
    });
  }
}

/** Rounding mode: down, to a whole multiple of `step`. */
function roundDown(value: Decimal | null, step: Decimal | null): Decimal | null {
  if (value === null || step === null || step.eq('0')) return value;
  return value.minus(value.mod(step));
}
