import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBinanceExchange } from '#libs/exchanges/binance';
import { VenueError } from '#libs/exchanges/contract';
import { decimal, SystemClock } from '#libs/kernel';
import { createRootLogger } from '#libs/observability';
import { loadSettings, SettingsError } from '#libs/settings';
import { startGateway, type RunningGateway } from '../e2e/support/running-gateway.js';

const KEY = 'CanaryKeyThatNobodyMaySee0123456789';
const SECRET = 'CanarySecretThatNobodyMaySee9876543210';
const MARKETS = readFileSync(new URL('../../libs/exchanges/binance/fixtures/http_exchangeInfo.json', import.meta.url), 'utf8');

/** A venue, or somebody before it, that repeats everything it was sent in every refusal. */
class EchoingVenue {
  readonly signatures = new Set<string>();
  /** How it answers the next requests about an account. */
  answer: (response: ServerResponse, echo: string) => void = (response) => response.end('{}');
  private readonly server = createServer((request, response) => void this.serve(request, response));

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    if (request.url!.startsWith('/api/v3/time')) return void response.end(JSON.stringify({ serverTime: Date.now() }));
    if (request.url!.startsWith('/api/v3/exchangeInfo')) return void response.end(MARKETS);
    const echo = `${request.method} ${request.url} ${JSON.stringify(request.headers)} ${body}`;
    const signature = /signature=([^&\s]+)/.exec(echo)?.[1];
    if (signature !== undefined) this.signatures.add(signature);
    this.answer(response, echo);
  }
}

type Reply = (response: ServerResponse, echo: string) => void;
const status =
  (code: number, bodyOf: (echo: string) => string, headers: (echo: string) => Record<string, string> = () => ({})): Reply =>
  (response, echo) => {
    response.writeHead(code, headers(echo)).end(bodyOf(echo));
  };
const coded = (code: number) => (echo: string) => JSON.stringify({ code, msg: echo });

const REPLIES: readonly (readonly [string, Reply])[] = [
  ['a refusal with a code', status(400, coded(-2010))],
  ['a filter failure', status(400, coded(-1013))],
  ['a wrong signature', status(401, coded(-1022))],
  ['a code that is new', status(400, coded(-4242))],
  ['a page of a proxy', status(403, (echo) => `<html>${echo}</html>`)],
  ['an error of the venue', status(503, (echo) => echo)],
  [
    'a redirect that repeats the address',
    status(
      302,
      () => '',
      () => ({ location: 'http://127.0.0.1:1/elsewhere' }),
    ),
  ],
  ['a success that cannot be read', status(200, (echo) => `{"status":"${echo.slice(0, 20)}`)],
  ['a success of another shape', status(200, (echo) => JSON.stringify({ orderId: echo, symbol: echo, status: echo }))],
  ['a broken connection', (response) => response.destroy()],
];

describe('the secrets of an account', () => {
  it.each(REPLIES)('[lesson 44b] stand in no error, no log line and no status after %s that repeats them', async (_name, reply) => {
    const venue = new EchoingVenue();
    const url = await venue.open();
    const lines: string[] = [];
    const logger = createRootLogger({ format: 'json', level: 'trace', destination: { write: (line) => lines.push(line) } });
    const exchange = createBinanceExchange({ restUrl: url, wsUrl: url.replace('http', 'ws'), clock: new SystemClock(), logger });
    await exchange.start();
    const account = exchange.account('canary', { apiKey: KEY, apiSecret: SECRET });
    const subscription = account.subscribe((event) => void lines.push(inspect(event)));
    venue.answer = reply;
    const { symbol } = exchange.instruments()[0]!;
    const reference = { symbol, venueClientId: 'x', venueOrderId: null };
    const send = { deadlineMs: 1_000, correlationId: null };
    const order = {
      quantity: decimal('1'),
      quoteQuantity: null,
      price: decimal('1'),
      stopPrice: null,
      timeInForce: 'GTC',
      postOnly: false,
    } as const;
    const calls = [
      () => account.send(account.prepare({ kind: 'place', symbol, venueClientId: 'x', side: 'buy', type: 'limit', ...order }), send),
      () => account.send(account.prepare({ kind: 'cancel', ...reference }), send),
      () => account.queryOrder(reference),
      () => account.openOrders(null),
      () => account.fills({ symbol }),
      () => account.balances(),
    ];
    const told: unknown[] = [];
    for (const call of calls) told.push(await call().catch((error: unknown) => error));
    expect(told.some((error) => error instanceof VenueError)).toBe(true);
    expect(venue.signatures.size).toBeGreaterThan(0);
    for (const error of told) logger.error({ err: error }, 'a careless line about it');
    const everything = [
      ...told.map((error) => inspect(error, { depth: Infinity, showHidden: true })),
      ...told.map((error) => (error instanceof Error ? `${String(error.stack)} ${JSON.stringify(error)}` : '')),
      ...lines,
      JSON.stringify(exchange.status()),
    ].join('\n');
    for (const secret of [KEY, SECRET, ...venue.signatures]) expect(everything.includes(secret), secret).toBe(false);
    expect(lines.length).toBeGreaterThan(0);
    await subscription.close();
    await exchange.close();
    await venue.close();
  });
});

const ORDER = { account: 'binance-sim', symbol: 'BTC/USDT', side: 'buy', type: 'limit', quantity: '0.010', price: '50000' };

describe('a running gateway', () => {
  let gateway: RunningGateway;
  let secrets: readonly string[];
  let refusal: { status: number; text: string };
  beforeAll(async () => {
    gateway = await startGateway();
    const accounts = (await gateway.sim.get('/_sim/accounts').expect(200)).body as { apiKey: string; apiSecret: string }[];
    secrets = accounts.flatMap(({ apiKey, apiSecret }) => [apiKey, apiSecret]);
    await gateway.http.post('/v1/orders').send(ORDER).expect(201);
    refusal = await refusedWith({ code: -2010, msg: `refused ${secrets.join(' ')}` });
  });
  afterAll(() => gateway?.close());

  /** What a client is told of an order that the venue refuses in these words. */
  async function refusedWith(words: object): Promise<{ status: number; text: string }> {
    const match = { method: 'POST', path: '/api/v3/order' };
    const fault = { venue: 'binance', kind: 'http-status', status: 400, body: JSON.stringify(words), count: 1, match };
    await gateway.sim
      .post('/_sim/faults')
      .send(fault)
      .ok(({ status: code }) => code < 300);
    return gateway.http.post('/v1/orders').send(ORDER);
  }

  it('[lesson 44b] tells no secret of an account by any route of the API', async () => {
    const { body } = await gateway.http.get('/openapi.json').expect(200);
    const [{ id }] = (await gateway.http.get('/v1/orders').expect(200)).body.data as [{ id: string }];
    const values: Readonly<Record<string, string>> = { id, name: 'binance-sim', venue: 'binance', account: 'binance-sim' };
    const routes = Object.entries(body.paths as Record<string, object>).filter(([, methods]) => 'get' in methods);
    let answered = 0;
    expect(refusal.status).toBeGreaterThanOrEqual(400);
    expect(secrets.filter((secret) => refusal.text.includes(secret))).toEqual([]);
    for (const [route] of routes) {
      const path = route.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => values[name] ?? 'x');
      const answer = await gateway.http.get(`${path}?account=binance-sim`);
      const plain = answer.status === 400 ? await gateway.http.get(path) : answer;
      if (plain.status === 200) answered += 1;
      expect(
        secrets.filter((secret) => plain.text.includes(secret)),
        path,
      ).toEqual([]);
    }
    expect(answered).toBeGreaterThan(10);
  });

  it('[lesson 45] keeps no secret of an account readable in its database, in no table and no column', async () => {
    const database = gateway.database.database();
    const tables = await database.query<{ name: string }>(
      'test.tables',
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    expect(tables.rows.length).toBeGreaterThan(10);
    const forms = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64')]);
    const sealed = await database.query('test.sealed', 'SELECT ciphertext FROM account_credentials');
    expect(sealed.rows.length).toBeGreaterThan(0);
    let rows = 0;
    for (const { name } of tables.rows) {
      const found = await database.query<{ row: string }>(`test.rows.${name}`, `SELECT to_jsonb(t)::text AS row FROM "${name}" t`);
      rows += found.rows.length;
      const text = found.rows.map(({ row }) => row).join('\n');
      expect(
        forms.filter((form) => text.includes(form)),
        name,
      ).toEqual([]);
      expect(text.includes(gateway.key.slice(-40)), `${name} and the admin key`).toBe(false);
    }
    expect(rows).toBeGreaterThan(10);
  });
});

describe('practice and real money', () => {
  const HOSTS = {
    live: ['https://api.binance.com', 'https://api1.binance.com'],
    practice: [
      'https://testnet.binance.vision',
      'http://127.0.0.1:4010/binance',
      'http://localhost:4010/binance',
      'https://demo-api.binance.com',
    ],
    stranger: ['https://api.example.com', 'https://api.binance.com.example.com', 'http://api.binance.com'],
  };
  const isRefused = (environment: string, restUrl: string): boolean => {
    try {
      loadSettings({ env: { BREAKWATER_ENV: environment, BREAKWATER_VENUES_BINANCE_REST_URL: restUrl } });
      return false;
    } catch (error) {
      expect(error).toBeInstanceOf(SettingsError);
      return true;
    }
  };

  it.each([
    ['live', 'live', false],
    ['live', 'practice', true],
    ['live', 'stranger', true],
    ['sandbox', 'live', true],
    ['sandbox', 'practice', false],
  ] as const)('[lesson 44] environment %s at a %s host: refused is %s', (environment, kind, refused) => {
    for (const host of HOSTS[kind]) expect(isRefused(environment, host), host).toBe(refused);
  });
});
