import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { OrderCounters } from './order-counters.js';
import { ReconciliationGauges } from './reconciliation-gauges.js';
import { ReplicaGauges } from './replica-gauges.js';

const HTTP_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const LOOP_RESOLUTION_MS = 20;
const NS_PER_SECOND = 1e9;

export interface PoolState {
  readonly total: number;
  readonly idle: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
}

export interface MetricsOptions {
  readonly version?: string;
  /** Metrics of the process itself: memory, processor, garbage collection. Off in tests. */
  readonly process?: boolean;
}

/**
 * Everything the process counts, in one registry of its own. Labels are venue, outcome, route and reason: never an
 * account, an order or a key, so that the number of series stays small.
 */
export class Metrics {
  readonly registry = new Registry();
  /** What the order engine counts. */
  readonly orders = new OrderCounters(this.registry);
  /** What reconciliation counts. */
  readonly reconciliation = new ReconciliationGauges(this.registry);
  /** Leases and kill switches. */
  readonly replica = new ReplicaGauges(this.registry);

  private readonly requests = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'How long an answer took, from its first byte in to its last byte out.',
    labelNames: ['method', 'route', 'status_class'],
    buckets: HTTP_BUCKETS_SECONDS,
    registers: [this.registry],
  });
  private readonly authFailures = new Counter({
    name: 'breakwater_auth_failures_total',
    help: 'Requests that were refused for want of a key, a scope or an address.',
    labelNames: ['reason'],
    registers: [this.registry],
  });
  private readonly pools = new Map<string, () => PoolState>();
  private readonly loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  private readonly children = new Map<string, { observe(seconds: number): void }>();

  constructor(options: MetricsOptions = {}) {
    const build = new Gauge({
      name: 'breakwater_build_info',
      help: 'Always 1; the labels tell what runs.',
      labelNames: ['version', 'node'],
      registers: [this.registry],
    });
    build.set({ version: options.version ?? 'unknown', node: process.version }, 1);
    this.watchEventLoop();
    this.watchPools();
    if (options.process === true) collectDefaultMetrics({ register: this.registry });
  }

  httpRequest(method: string, route: string, status: number, seconds: number): void {
    const statusClass = `${Math.trunc(status / 100)}xx`;
    const key = `${method} ${statusClass} ${route}`;
    let child = this.children.get(key);
    if (child === undefined) this.children.set(key, (child = this.requests.labels(method, route, statusClass)));
    child.observe(seconds);
  }

  authFailed(reason: string): void {
    this.authFailures.inc({ reason });
  }

  /** Shows a connection pool from now on. `state` is asked at each scrape. */
  watchPool(name: string, state: () => PoolState): void {
    this.pools.set(name, state);
  }

  /** Prometheus text. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** Stops measuring the event loop. */
  close(): void {
    this.loop.disable();
  }

  private watchEventLoop(): void {
    const { loop } = this;
    loop.enable();
    const lag = new Gauge({
      name: 'breakwater_event_loop_lag_seconds',
      help: 'How late timers ran since the last scrape.',
      labelNames: ['quantile'],
      registers: [this.registry],
      collect() {
        if (loop.count === 0) return;
        const late = (ns: number): number => Math.max(0, ns / NS_PER_SECOND - LOOP_RESOLUTION_MS / 1_000);
        lag.set({ quantile: '0.5' }, late(loop.percentile(50)));
        lag.set({ quantile: '0.99' }, late(loop.percentile(99)));
        lag.set({ quantile: '1' }, late(loop.max));
        loop.reset();
      },
    });
  }

  private watchPools(): void {
    const { pools } = this;
    const waiting = new Gauge({
      name: 'db_client_connection_pending_requests',
      help: 'Callers that wait for a connection to the database.',
      labelNames: ['pool'],
      registers: [this.registry],
      collect() {
        for (const [pool, state] of pools) waiting.set({ pool }, state().waiting);
      },
    });
    const connections = new Gauge({
      name: 'db_client_connection_count',
      help: 'Connections to the database.',
      labelNames: ['pool', 'state'],
      registers: [this.registry],
      collect() {
        for (const [pool, state] of pools) {
          const now = state();
          connections.set({ pool, state: 'idle' }, now.idle);
          connections.set({ pool, state: 'used' }, now.total - now.idle);
        }
      },
    });
  }
}
