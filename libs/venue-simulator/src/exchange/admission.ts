import { type Result, err, ok } from '#libs/kernel';
import type { AccountOrders } from './account-orders.js';
import { readTerms } from './filters.js';
import { costOfSteps, stepsForQuote } from './liquidity.js';
import type { OrderTerms } from './live-order.js';
import type { MarketState } from './market-state.js';
import { isMarketType, isStopType, isTriggered } from './stop-book.js';
import type { SimNewOrder, SimRefusal } from './types.js';

/** Every check that a new order has to pass, in the order in which the venue would complain. Changes nothing. */
export function admit(
  order: SimNewOrder,
  account: AccountOrders,
  market: MarketState | undefined,
  nowMs: number,
  uniqueClientIds = true,
): Result<OrderTerms, SimRefusal> {
  if (market === undefined) return err({ code: 'unknown-symbol' });
  const read = readTerms(order, market, nowMs);
  if ('refused' in read) return err({ code: 'filter', filter: read.refused });
  const mayRest = order.type !== 'market';
  if (mayRest && account.openCount(order.symbol) >= market.rules.market.openOrdersMax)
    return err({ code: 'filter', filter: 'max-open-orders' });
  if (uniqueClientIds && account.isOpenClientId(order.clientOrderId)) return err({ code: 'duplicate-client-order-id' });
  const meeting = meetsMarket(read, market);
  if (meeting !== null) return err({ code: meeting });
  const terms = workOut(read, account, market);
  if (terms.totalSteps < market.rules.quantityMinSteps) return err({ code: 'filter', filter: 'lot-size' });
  if (neededUnits(terms, account, market) > account.ledger.free(terms.isBuy ? market.rules.quote : market.rules.base)) {
    return err({ code: 'insufficient-balance' });
  }
  return ok(terms);
}

function meetsMarket(terms: OrderTerms, market: MarketState): SimRefusal['code'] | null {
  if (isStopType(terms.type)) {
    return isTriggered(terms.isBuy, terms.type, terms.stopTicks, market.tape.lastTicks) ? 'would-trigger-immediately' : null;
  }
  if (terms.type === 'market') return market.book.opposite(terms.isBuy).best() === undefined ? 'no-liquidity' : null;
  return terms.postOnly && market.book.wouldMatch(terms.isBuy, terms.priceTicks) ? 'would-match-immediately' : null;
}

/** A quote quantity becomes the quantity that it trades in the book as it stands. */
function workOut(terms: OrderTerms, account: AccountOrders, market: MarketState): OrderTerms {
  if (terms.quoteUnits === null) return terms;
  const side = market.book.opposite(terms.isBuy);
  return { ...terms, totalSteps: stepsForQuote(side, terms.quoteUnits, account.ledger, terms.stpMode) };
}

/** What has to be free, in units of 10^-8 of the asset that the order spends. */
function neededUnits(terms: OrderTerms, account: AccountOrders, market: MarketState): bigint {
  const { rules } = market;
  if (!terms.isBuy) return rules.baseUnits(terms.totalSteps);
  if (terms.quoteUnits !== null) return terms.quoteUnits;
  if (!isMarketType(terms.type)) return rules.quoteUnitsUp(terms.priceTicks, terms.totalSteps);
  if (terms.type !== 'market') return rules.quoteUnitsUp(terms.stopTicks, terms.totalSteps);
  return costOfSteps(market.book.asks, terms.totalSteps, account.ledger, terms.stpMode);
}
