/** What the benchmark asks of a worker process, and what it answers. One worker does one task and ends. */
export type WorkerTask = ClosedLoopTask | OpenLoopTask;

/** Keeps `inFlight` orders on the way until `orders` are answered; `warmUp` orders before that are not counted. */
export interface ClosedLoopTask {
  readonly kind: 'closed-loop';
  readonly sender: Sender;
  readonly target: Target;
  readonly inFlight: number;
  readonly warmUp: number;
  readonly orders: number;
}

/** Sends at a fixed rate whatever the answers do, so that a slow answer cannot hide the next one. */
export interface OpenLoopTask {
  readonly kind: 'open-loop';
  readonly sender: Sender;
  readonly target: Target;
  readonly perSecond: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/**
 * `bare`: undici, a signature, and nothing else. `adapter`: our venue adapter. `gateway`: our REST API, with undici.
 * `gateway-load`: our REST API, with a client that leaves the machine to the gateway.
 */
export type Sender = 'bare' | 'adapter' | 'gateway' | 'gateway-load';

export interface Target {
  /** Where the simulated venue answers, with its prefix: `http://127.0.0.1:4010/binance`. */
  readonly venueUrl: string;
  readonly venueWsUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Empty where no gateway runs. */
  readonly gatewayUrl: string;
  readonly gatewayKey: string;
  /** Limit price far from the market: the order is accepted, finds nobody, and expires at once (IOC). */
  readonly price: string;
}

export type WorkerAnswer =
  | { readonly kind: 'closed-loop'; readonly perSecond: number; readonly cpuMicrosPerOrder: number }
  | { readonly kind: 'open-loop'; readonly p50Ms: number; readonly p99Ms: number; readonly answered: number }
  | { readonly kind: 'failed'; readonly reason: string };

export const QUANTITY = '0.001';

/** Sends one order and resolves when its answer has been read. @throws when the answer is anything but an accepted order. */
export interface OrderSender {
  send(): Promise<void>;
  close(): Promise<void>;
}
