import { z } from 'zod';
import { cursorSchema, decimalOut, limitSchema, nameSchema, pageQuery, symbolSchema, timeOut, timeSchema } from '#libs/http';

const DEPTH_DEFAULT = 20;
const DEPTH_MAX = 1_000;

const market = { venue: nameSchema, symbol: symbolSchema };

const depthSchema = z
  .string()
  .regex(/^(?:[1-9]\d{0,2}|1000)$/, { error: `must be a whole number from 1 to ${DEPTH_MAX}` })
  .transform((text) => Number.parseInt(text, 10))
  .default(DEPTH_DEFAULT);

export const venueParam = z.strictObject({ venue: nameSchema });
export const instrumentsQuery = z.strictObject({
  ...pageQuery,
  symbol: symbolSchema.optional(),
  base: z.string().max(30).optional(),
  quote: z.string().max(30).optional(),
});
export const bookQuery = z.strictObject({ ...market, depth: depthSchema });
export const tickerQuery = z.strictObject(market);
export const tradesQuery = z.strictObject({ ...market, limit: limitSchema });
export const candlesQuery = z.strictObject({
  ...market,
  interval: z
    .string()
    .max(10)
    .default('1m')
    .meta({ examples: ['1m', '1h', '1d'] }),
  since: timeSchema.optional(),
  limit: limitSchema,
  cursor: cursorSchema,
});

const count = z.int();
const states = z.enum(['up', 'degraded', 'down']);

export const venueOut = z.object({ id: z.string(), name: z.string(), state: states, instruments: count });

export const venueDetailOut = venueOut.extend({
  clockOffsetMs: z.number().nullable(),
  silentUntil: timeOut.nullable(),
  lastError: z.string().nullable(),
  candleIntervals: z.array(z.string()),
  capabilities: z.object({
    orderTypes: z.array(z.string()),
    timesInForce: z.array(z.string()),
    postOnly: z.boolean(),
    reduceOnly: z.boolean(),
    quoteQuantityMarket: z.boolean(),
    amend: z.enum(['none', 'decrease-quantity', 'full']),
    cancelReplace: z.boolean(),
    cancelAll: z.enum(['none', 'by-symbol', 'by-account']),
    clientIdUnique: z.enum(['among-open', 'for-ever']),
    deadline: z.enum(['recv-window', 'deadline', 'expiry-header', 'none']),
  }),
  books: z.array(z.object({ symbol: z.string(), trust: z.string(), ageMs: z.number().nullable() })),
  streams: z.array(z.object({ name: z.string(), state: z.string(), since: timeOut.nullable() })),
  budgets: z.array(z.object({ name: z.string(), used: z.number(), limit: z.number(), windowMs: z.number() })),
});

const bound = decimalOut.nullable();

export const instrumentOut = z.object({
  venue: z.string(),
  symbol: z.string(),
  venueSymbol: z.string(),
  base: z.string(),
  quote: z.string(),
  kind: z.literal('spot'),
  status: z.enum(['trading', 'cancel-only', 'halted']),
  orderTypes: z.array(z.string()),
  timesInForce: z.array(z.string()),
  postOnly: z.boolean(),
  quoteQuantityMarket: z.boolean(),
  amend: z.boolean(),
  filters: z.object({
    priceTick: bound,
    priceMin: bound,
    priceMax: bound,
    quantityStep: bound,
    quantityMin: bound,
    quantityMax: bound,
    marketQuantityStep: bound,
    marketQuantityMin: bound,
    marketQuantityMax: bound,
    notionalMin: bound,
    notionalMax: bound,
    notionalMinAppliesToMarket: z.boolean(),
    notionalMaxAppliesToMarket: z.boolean(),
    priceBand: z.object({ bidUp: decimalOut, bidDown: decimalOut, askUp: decimalOut, askDown: decimalOut }).nullable(),
    openOrdersMax: count.nullable(),
  }),
});

const levels = z.array(z.array(decimalOut)).meta({ description: '`[price, quantity]`, best first', examples: [[['64000.00', '0.5']]] });

export const bookOut = z.object({
  venue: z.string(),
  symbol: z.string(),
  sequence: z.string().meta({ description: "The venue's id of the last change in it" }),
  venueTime: timeOut.nullable().meta({ description: 'When the venue made that change; null for a book just built' }),
  receivedAt: timeOut,
  stale: z.boolean().meta({ description: "True unless the book is proven to be the venue's: then do not trade on it" }),
  trust: z.enum(['live', 'suspect', 'stale']),
  ageMs: z.number().meta({ description: 'Since the last change that reached us' }),
  bids: levels,
  asks: levels,
});

export const tickerOut = z.object({
  venue: z.string(),
  symbol: z.string(),
  last: decimalOut,
  bid: bound,
  bidQuantity: bound,
  ask: bound,
  askQuantity: bound,
  open: bound,
  high: bound,
  low: bound,
  volume: decimalOut,
  quoteVolume: bound,
  change: bound,
  changePercent: bound,
  venueTime: timeOut.nullable(),
});

export const tradeOut = z.object({
  id: z.string(),
  price: decimalOut,
  quantity: decimalOut,
  side: z.enum(['buy', 'sell']).meta({ description: 'The side that took liquidity' }),
  venueTime: timeOut,
});

export const candleOut = z.object({
  openTime: timeOut,
  closeTime: timeOut,
  open: decimalOut,
  high: decimalOut,
  low: decimalOut,
  close: decimalOut,
  volume: decimalOut,
  quoteVolume: bound,
  trades: count.nullable(),
});
