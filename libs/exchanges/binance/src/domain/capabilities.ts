import type { VenueCapabilities } from '#libs/exchanges/contract';

/** Candle lengths of `GET /api/v3/klines`, as users write them too. */
export const CANDLE_INTERVALS = [
  '1s',
  '1m',
  '3m',
  '5m',
  '15m',
  '30m',
  '1h',
  '2h',
  '4h',
  '6h',
  '8h',
  '12h',
  '1d',
  '3d',
  '1w',
  '1M',
] as const;

/** Longest time that Binance may work on a request before it gives up with -1007. `rest-api.md`, "General API Information". */
export const ENGINE_TIME_MS = 10_000;

export const RECV_WINDOW_MS_MAX = 60_000;

/** What Binance spot can do. `rest-api.md` and `enums.md`, revision of 2026-07-21. */
export const BINANCE_CAPABILITIES: VenueCapabilities = {
  orderTypes: ['limit', 'market', 'stop-limit', 'stop-market'],
  timesInForce: ['GTC', 'IOC', 'FOK'],
  postOnly: true,
  reduceOnly: false,
  quoteQuantityMarket: true,
  amend: 'decrease-quantity',
  cancelReplace: true,
  cancelAll: 'by-symbol',
  clientIdUnique: 'among-open',
  clientIdPattern: /^[a-zA-Z0-9_-]{1,36}$/,
  deadline: 'recv-window',
  engineTimeMs: ENGINE_TIME_MS,
  // Queries are answered from memory or a database that lags the engine; half a minute is more than the field has reported.
  visibilityLagMs: 30_000,
};
