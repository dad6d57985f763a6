import 'reflect-metadata';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import supertest from 'supertest';
import { configureHttp, createFastifyAdapter, setupOpenApi } from '#libs/http';
import { createRootLogger } from '#libs/observability';
import { OrderEngine } from '#libs/orders';
import { ExchangeDirectory } from '#libs/exchanges/contract';
import { loadSettings } from '#libs/settings';
import { useStreamAdapter } from '#libs/stream';
import { startSimulator } from '#libs/venue-simulator';
import type { RunningSimulator } from '#libs/venue-simulator';
import { testDatabase } from '#testing/database';
import type { TestDatabase } from '#testing/database';
import { AppModule } from '../../../apps/gateway/src/app.module.js';
import { StartUp } from '../../../apps/gateway/src/start-up.js';

const DRAIN_MS = 5_000;

/** The whole gateway in this process: real HTTP, real Postgres, the simulator behind real sockets. */
export interface RunningGateway {
  readonly simulator: RunningSimulator;
  readonly database: TestDatabase;
  readonly app: NestFastifyApplication;
  readonly key: string;
  /** Requests with the admin key. */
  readonly http: ReturnType<typeof supertest.agent>;
  /** Talks to `/_sim`. */
  readonly sim: ReturnType<typeof supertest.agent>;
  /** Stops the gateway and starts another one on the same database, state folder and simulator. */
  restart(): Promise<void>;
  /** Stops everything that was started here. */
  close(): Promise<void>;
}

interface App {
  readonly app: NestFastifyApplication;
  readonly http: ReturnType<typeof supertest.agent>;
}

/** @param settings - as environment variables @param limits - of the simulated venue */
export async function startGateway(
  settings: Readonly<Record<string, string>> = {},
  limits: 'venue' | 'unlimited' = 'unlimited',
): Promise<RunningGateway> {
  const home = mkdtempSync(path.join(tmpdir(), 'breakwater-e2e-'));
  const simulator = await startSimulator({ port: 0, seed: 7, limits, stepMs: 50 });
  const database = await testDatabase();
  const env = {
    BREAKWATER_HOME: home,
    BREAKWATER_PORT: '0',
    BREAKWATER_SIMULATOR: 'external',
    BREAKWATER_SIMULATOR_PORT: String(simulator.port),
    DATABASE_URL: database.appUrl,
    ...settings,
  };
  let current = await startApp(env);
  const gateway = {
    simulator,
    database,
    get app() {
      return current.app;
    },
    get http() {
      return current.http;
    },
    key: readFileSync(path.join(home, 'admin-key'), 'utf8').trim(),
    sim: supertest.agent(`http://127.0.0.1:${simulator.port}`),
    async restart() {
      await stopApp(current);
      current = await startApp(env);
    },
    async close() {
      await stopApp(current);
      await simulator.close();
      await database.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
  return gateway;
}

async function startApp(env: Readonly<Record<string, string>>): Promise<App> {
  const settings = loadSettings({ env });
  const logger = createRootLogger({ level: 'silent', format: 'json' });
  const module = await Test.createTestingModule({
    imports: [AppModule.forRoot({ settings, databaseUrl: settings.database.url!, logger, version: 'test' })],
  }).compile();
  const app = module.createNestApplication<NestFastifyApplication>(createFastifyAdapter({}), { logger: false });
  configureHttp(app);
  useStreamAdapter(app);
  setupOpenApi(app, { version: 'test' });
  await app.listen(0, '127.0.0.1');
  await app.get(StartUp).run();
  const key = readFileSync(path.join(env['BREAKWATER_HOME']!, 'admin-key'), 'utf8').trim();
  const http = supertest.agent(app.getHttpServer()).set('Authorization', `Bearer ${key}`);
  return { app, http };
}

async function stopApp({ app }: App): Promise<void> {
  await app.get(OrderEngine).stop(DRAIN_MS);
  await Promise.all(
    app
      .get(ExchangeDirectory)
      .all()
      .map((exchange) => exchange.close()),
  );
  await app.close();
}

/** Asks again until the answer is as wished. @throws with the last answer when `withinMs` is over. */
export async function eventually<T>(ask: () => Promise<T>, wished: (answer: T) => boolean, withinMs = 10_000): Promise<T> {
  const until = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (wished(answer)) return answer;
    if (performance.now() > until) throw new Error(`not as wished within ${withinMs} ms: ${JSON.stringify(answer).slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
