import type { z } from 'zod';
import type { Exchange, VenueStatus } from '#libs/exchanges/contract';
import { decimalText, timeText, type Decimal } from '#libs/kernel';
import type { Candle, Instrument, MarketTrade, Ticker } from '#libs/model';
import type { HeldBook } from '../application/market-reader.js';
import type { bookOut, candleOut, instrumentOut, tickerOut, tradeOut, venueDetailOut, venueOut } from './market.schemas.js';

export function venueResponse(exchange: Exchange, status: VenueStatus): z.output<typeof venueOut> {
  return { id: exchange.id, name: exchange.name, state: status.state, instruments: status.instruments };
}

export function venueDetailResponse(exchange: Exchange, status: VenueStatus): z.output<typeof venueDetailOut> {
  const { orderTypes, timesInForce, postOnly, reduceOnly, quoteQuantityMarket, amend } = exchange.capabilities;
  const { cancelReplace, cancelAll, clientIdUnique, deadline } = exchange.capabilities;
  return {
    ...venueResponse(exchange, status),
    clockOffsetMs: status.clockOffsetMs,
    silentUntil: timeOrNull(status.silentUntilMs),
    lastError: status.lastError,
    candleIntervals: [...exchange.candleIntervals],
    capabilities: {
      orderTypes: [...orderTypes],
      timesInForce: [...timesInForce],
      postOnly,
      reduceOnly,
      quoteQuantityMarket,
      amend,
      cancelReplace,
      cancelAll,
      clientIdUnique,
      deadline,
    },
    books: status.books.map(({ symbol, trust, ageMs }) => ({ symbol, trust, ageMs })),
    streams: status.streams.map(({ name, state, sinceMs }) => ({ name, state, since: timeOrNull(sinceMs) })),
    budgets: status.budgets.map(({ name, used, limit, windowMs }) => ({ name, used, limit, windowMs })),
  };
}

export function instrumentResponse(instrument: Instrument): z.output<typeof instrumentOut> {
  const { venue, symbol, venueSymbol, base, quote, kind, status, postOnly, quoteQuantityMarket, amend, filters } = instrument;
  const band = filters.priceBand;
  return {
    venue,
    symbol,
    venueSymbol,
    base,
    quote,
    kind,
    status,
    orderTypes: [...instrument.orderTypes],
    timesInForce: [...instrument.timesInForce],
    postOnly,
    quoteQuantityMarket,
    amend,
    filters: {
      priceTick: textOrNull(filters.priceTick),
      priceMin: textOrNull(filters.priceMin),
      priceMax: textOrNull(filters.priceMax),
      quantityStep: textOrNull(filters.quantityStep),
      quantityMin: textOrNull(filters.quantityMin),
      quantityMax: textOrNull(filters.quantityMax),
      marketQuantityStep: textOrNull(filters.marketQuantityStep),
      marketQuantityMin: textOrNull(filters.marketQuantityMin),
      marketQuantityMax: textOrNull(filters.marketQuantityMax),
      notionalMin: textOrNull(filters.notionalMin),
      notionalMax: textOrNull(filters.notionalMax),
      notionalMinAppliesToMarket: filters.notionalMinAppliesToMarket,
      notionalMaxAppliesToMarket: filters.notionalMaxAppliesToMarket,
      priceBand: band && {
        bidUp: decimalText(band.bidUp),
        bidDown: decimalText(band.bidDown),
        askUp: decimalText(band.askUp),
        askDown: decimalText(band.askDown),
      },
      openOrdersMax: filters.openOrdersMax,
    },
  };
}

export function bookResponse(venue: string, { book, ageMs }: HeldBook): z.output<typeof bookOut> {
  return {
    venue,
    symbol: book.symbol,
    sequence: book.sequence,
    venueTime: timeOrNull(book.venueTimeMs),
    receivedAt: timeText(book.receivedAtMs),
    stale: book.trust !== 'live',
    trust: book.trust,
    ageMs,
    bids: book.bids.map((level) => [...level]),
    asks: book.asks.map((level) => [...level]),
  };
}

export function tickerResponse(venue: string, ticker: Ticker): z.output<typeof tickerOut> {
  const { venueTimeMs, ...rest } = ticker;
  return { venue, ...rest, venueTime: timeOrNull(venueTimeMs) };
}

export function tradeResponse(trade: MarketTrade): z.output<typeof tradeOut> {
  const { venueTradeId, price, quantity, side, venueTimeMs } = trade;
  return { id: venueTradeId, price, quantity, side, venueTime: timeText(venueTimeMs) };
}

export function candleResponse(candle: Candle): z.output<typeof candleOut> {
  const { openTimeMs, closeTimeMs, ...rest } = candle;
  return { openTime: timeText(openTimeMs), closeTime: timeText(closeTimeMs), ...rest };
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : timeText(ms);
}

function textOrNull(value: Decimal | null): string | null {
  return value === null ? null : decimalText(value);
}
