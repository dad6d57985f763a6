import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ensureAppRole, migrateUp, withMigrations } from '#libs/database';
import { launch, stop } from './processes.js';
import type { Launched } from './processes.js';

export const ACCOUNT = 'binance-sim';

/** What stays while gateways come and go: a database, a simulated venue in a process of its own, and a state folder. */
export interface Stage {
  readonly simulatorUrl: string;
  /** Starts a gateway; `crashAt` arms a crash point. */
  gateway(crashAt: string | null): Launched<{ url: string }>;
  /** The key of the gateway's administrator, once a gateway was ready. */
  adminKey(): string;
  close(): Promise<void>;
}

export interface StageOptions {
  /** The checkout, built. */
  readonly root: string;
  /** A folder of its own. */
  readonly folder: string;
  /** Address of a fresh database, as its owner. */
  readonly databaseUrl: string;
  /** Of the gateway's role, which all databases of a server share. */
  readonly appPassword: string;
  readonly seed: number;
}

/** @throws when the simulator does not start or the database cannot be migrated. */
export async function openStage({ root, folder, databaseUrl, appPassword, seed }: StageOptions): Promise<Stage> {
  const home = path.join(folder, 'state');
  mkdirSync(home, { recursive: true });
  const appUrl = await ensureAppRole(databaseUrl, appPassword);
  await withMigrations(databaseUrl, migrateUp);
  const simulator = launch<{ port: number }>(
    'dist/apps/venue-simulator/src/main.js',
    { BREAKWATER_SIMULATOR_PORT: '0', BREAKWATER_SIMULATOR_SEED: String(seed), BREAKWATER_SIMULATOR_LIMITS: 'unlimited' },
    root,
    path.join(folder, 'simulator.log'),
  );
  const ready = await simulator.ready;
  if (ready === null) throw new Error(`the simulator did not start: see ${path.join(folder, 'simulator.log')}`);
  const settings = {
    DATABASE_URL: appUrl,
    BREAKWATER_HOME: home,
    BREAKWATER_PORT: '0',
    BREAKWATER_SIMULATOR: 'external',
    BREAKWATER_SIMULATOR_PORT: String(ready.port),
    // Short, so that an absence is concluded early: the horizon begins where this ends.
    BREAKWATER_ORDERS_RECV_WINDOW_MS: '1000',
    BREAKWATER_ORDERS_ACK_TIMEOUT_MS: '800',
    // As under the supervisor: who comes back under its name need not wait until the lease of its dead predecessor runs out.
    BREAKWATER_CLUSTER_INSTANCE_ID: 'crash-test',
  };
  return {
    simulatorUrl: `http://127.0.0.1:${ready.port}`,
    gateway: (crashAt) =>
      launch<{ url: string }>(
        'dist/apps/gateway/src/main.js',
        crashAt === null ? settings : { ...settings, BREAKWATER_CRASH_AT: crashAt },
        root,
        path.join(folder, 'gateway.log'),
      ),
    adminKey: () => readFileSync(path.join(home, 'admin-key'), 'utf8').trim(),
    close: async () => void (await stop(simulator)),
  };
}
