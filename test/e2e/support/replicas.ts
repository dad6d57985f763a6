import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startSimulator } from '#libs/venue-simulator';
import type { RunningSimulator } from '#libs/venue-simulator';
import { testDatabase } from '#testing/database';
import type { TestDatabase } from '#testing/database';

const MAIN = path.resolve('dist/apps/gateway/src/main.js');

export interface ReplicaAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface ReplicaCall {
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Gives up after this, ms. */
  readonly withinMs?: number;
}

/** One gateway process. */
export interface Replica {
  readonly process: ChildProcess;
  readonly url: string;
  call(method: string, route: string, call?: ReplicaCall): Promise<ReplicaAnswer>;
  /** Whether this replica holds the account and takes orders for it. */
  serves(account: string): Promise<boolean>;
}

/** Gateway processes on one database, one state folder and one simulator: what a load balancer would have behind it. */
export class Replicas {
  private readonly running: Replica[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly simulator: RunningSimulator,
    private readonly home: string,
  ) {}

  static async open(): Promise<Replicas> {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: \`npm test\` builds it`);
    const [database, simulator] = await Promise.all([testDatabase(), startSimulator({ port: 0, seed: 11, limits: 'unlimited' })]);
    return new Replicas(database, simulator, mkdtempSync(path.join(tmpdir(), 'breakwater-replicas-')));
  }

  /** Starts one more process and waits until it serves. */
  async start(settings: Readonly<Record<string, string>> = {}): Promise<Replica> {
    const env = {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: this.database.appUrl,
      BREAKWATER_HOME: this.home,
      BREAKWATER_PORT: '0',
      BREAKWATER_SIMULATOR: 'external',
      BREAKWATER_SIMULATOR_PORT: String(this.simulator.port),
      BREAKWATER_ORDERS_RECV_WINDOW_MS: '2000',
      BREAKWATER_LOGGING_LEVEL: 'silent',
      ...settings,
    };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const [{ url }] = (await once(child, 'message')) as [{ url: string }];
    const call: Replica['call'] = (method, route, given = {}) => this.call(url, method, route, given);
    const replica: Replica = {
      process: child,
      url,
      call,
      async serves(account) {
        const { body } = await call('GET', '/v1/admin/status', { withinMs: 2_000 });
        const leases = body['leases'] as { account: string; isOurs: boolean; ready: boolean }[];
        return leases.some((lease) => lease.account === account && lease.isOurs && lease.ready);
      },
    };
    this.running.push(replica);
    return replica;
  }

  /** What the simulated venue has accepted: the judge. */
  async ledger(): Promise<{ orders: { clientOrderId: string; venueOrderId: string }[] }> {
    const answer = await fetch(`http://127.0.0.1:${this.simulator.port}/_sim/ledger?account=binance-sim`);
    return (await answer.json()) as { orders: { clientOrderId: string; venueOrderId: string }[] };
  }

  async close(): Promise<void> {
    for (const { process: child } of this.running) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await this.simulator.close();
    await this.database.close();
    rmSync(this.home, { recursive: true, force: true });
  }

  private async call(url: string, method: string, route: string, { body, headers, withinMs }: ReplicaCall): Promise<ReplicaAnswer> {
    const key = readFileSync(path.join(this.home, 'admin-key'), 'utf8').trim();
    const answer = await fetch(url + route, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(withinMs ?? 20_000),
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
  }
}

/** A resting buy far below the market. */
export function restingOrder(clientOrderId?: string): Record<string, unknown> {
  const order = { account: 'binance-sim', symbol: 'BTC/USDT', side: 'buy', type: 'limit', quantity: '0.001', price: '50000' };
  return clientOrderId === undefined ? order : { ...order, clientOrderId };
}
