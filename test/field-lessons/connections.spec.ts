import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { createBinanceExchange } from '#libs/exchanges/binance';
import type { AccountEvent } from '#libs/exchanges/contract';
import { WsSession } from '#libs/exchanges/transport';
import { SystemClock } from '#libs/kernel';
import { startTestSimulator } from '#testing/venue-simulator';

const QUICK = { firstMs: 5, maxMs: 20, minMs: 1 };
const BURST = 50_000;
const disposals: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const dispose of disposals.splice(0).toReversed()) await dispose();
});

/** What a server can do to a connection, at each state of it. */
const MISDEEDS = ['refuse-401', 'refuse-503', 'destroy', 'close-on-open', 'close-after-message', 'terminate', 'throw-in-handler'] as const;
type Misdeed = { readonly kind: (typeof MISDEEDS)[number]; readonly code: number };

interface Scripted {
  readonly url: string;
  readonly open: () => number;
  readonly openMax: () => number;
  script: Misdeed[];
}

/** Does to each connection what the script says next, and is an ordinary server once it is empty. */
async function scriptedServer(): Promise<Scripted> {
  let openMax = 0;
  const scripted = { url: '', open: () => wss.clients.size, openMax: () => openMax, script: [] as Misdeed[] };
  const wss = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    verifyClient: (info, done) => {
      const next = scripted.script[0]?.kind;
      if (next === 'destroy') info.req.socket.destroy();
      if (next === 'destroy' || next === 'refuse-401' || next === 'refuse-503') scripted.script.shift();
      if (next === 'refuse-401') done(false, 401);
      else if (next === 'refuse-503') done(false, 503);
      else if (next !== 'destroy') done(true);
    },
  });
  wss.on('connection', (socket) => {
    openMax = Math.max(openMax, wss.clients.size);
    const misdeed = scripted.script.shift();
    if (misdeed?.kind === 'close-on-open') socket.close(misdeed.code);
    else if (misdeed?.kind === 'terminate') socket.terminate();
    else socket.send(misdeed?.kind === 'throw-in-handler' ? 'poison' : 'hello');
    if (misdeed?.kind === 'close-after-message') socket.close(misdeed.code);
  });
  await listening(wss);
  scripted.url = urlOf(wss);
  return scripted;
}

async function listening(wss: WebSocketServer): Promise<void> {
  await new Promise((resolve) => wss.once('listening', resolve));
  disposals.push(() => {
    for (const client of wss.clients) client.terminate();
    return new Promise<void>((resolve) => wss.close(() => resolve()));
  });
}

const urlOf = (wss: WebSocketServer): string => `ws://127.0.0.1:${(wss.address() as AddressInfo).port}`;

describe('connections to a venue', () => {
  it('[lesson 20] come back by themselves, one socket at a time, whatever closes them and in whatever state', async () => {
    const server = await scriptedServer();
    const misdeed = fc.record({
      kind: fc.constantFrom(...MISDEEDS),
      code: fc.constantFrom(1000, 1001, 1002, 1008, 1011, 1012, 1013, 3000, 4999),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(misdeed, { minLength: 1, maxLength: 8 }), async (script) => {
        server.script = [...script];
        const heard: string[] = [];
        const session = new WsSession({
          url: () => server.url,
          clock: new SystemClock(),
          backoff: QUICK,
          onMessage: (data) => {
            if (data.toString() === 'poison') throw new Error('a handler with a fault');
            heard.push(data.toString());
          },
        });
        session.start();
        await vi.waitFor(() => expect([server.script.length, session.state]).toEqual([0, 'open']), { timeout: 5_000, interval: 5 });
        await vi.waitFor(() => expect(heard.length).toBeGreaterThan(0), { timeout: 5_000, interval: 5 });
        await session.close();
        await vi.waitFor(() => expect(server.open()).toBe(0), { timeout: 5_000, interval: 5 });
      }),
      { numRuns: 25 },
    );
    expect(server.openMax()).toBeLessThanOrEqual(2);
  });

  it('[lesson 21] are given up when data stops although pings are answered, each time anew', async () => {
    let connections = 0;
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    wss.on('connection', (socket) => {
      connections += 1;
      socket.send('the only message');
    });
    await listening(wss);
    const reasons: (string | null)[] = [];
    const session = new WsSession({
      url: () => urlOf(wss),
      clock: new SystemClock(),
      backoff: QUICK,
      pingIntervalMs: 10,
      silenceMs: 50,
      onMessage: () => undefined,
      onStateChange: (_state, reason) => void reasons.push(reason),
    });
    disposals.push(() => session.close());
    session.start();
    await vi.waitFor(() => expect(connections).toBeGreaterThan(3), { timeout: 5_000 });
    expect(reasons).toContain('silent');
    expect(reasons).not.toContain('no-pong');
  });

  it('[lesson 41] keep every one of fifty thousand private messages that come at once, in order', async () => {
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    wss.on('connection', (socket) => {
      for (let number = 0; number < BURST; number += 1) socket.send(`{"n":${number}}`);
    });
    await listening(wss);
    let next = 0;
    let isInOrder = true;
    const session = new WsSession({
      url: () => urlOf(wss),
      clock: new SystemClock(),
      onMessage: (data) => {
        isInOrder &&= data.toString() === `{"n":${next}}`;
        next += 1;
      },
    });
    disposals.push(() => session.close());
    session.start();
    await vi.waitFor(() => expect(next).toBe(BURST), { timeout: 20_000 });
    expect(isInOrder).toBe(true);
  });
});

describe('the private stream of an account', () => {
  it('[lesson 19] asks first and believes nothing before the answer, on every connection anew', async () => {
    const { simulator, clock } = await startTestSimulator();
    disposals.push(() => simulator.close());
    const said: string[] = [];
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    const connections: { readonly socket: WebSocket; readonly id: string }[] = [];
    wss.on('connection', (socket) => {
      said.push('connected');
      socket.on('message', (data) => {
        const { id, method } = JSON.parse(String(data)) as { id: string; method: string };
        said.push(method);
        connections.push({ socket, id });
      });
    });
    await listening(wss);
    const base = `127.0.0.1:${simulator.port}/binance`;
    const exchange = createBinanceExchange({ restUrl: `http://${base}`, wsUrl: `ws://${base}`, wsApiUrl: urlOf(wss), clock });
    disposals.push(() => exchange.close());
    await exchange.start();
    const account = simulator.world().exchange.accounts()[0]!;
    const events: AccountEvent[] = [];
    exchange.account(account.name, account).subscribe((event) => void events.push(event));
    for (let connection = 1; connection <= 3; connection += 1) {
      await vi.waitFor(() => expect(connections).toHaveLength(connection), { timeout: 10_000 });
      const { socket, id } = connections.at(-1)!;
      expect(said).toHaveLength(2 * connection);
      expect(said.slice(-2)).toEqual(['connected', 'userDataStream.subscribe.signature']);
      expect(events.filter((event) => event.kind === 'stream' && event.state === 'live')).toHaveLength(connection - 1);
      socket.send(JSON.stringify({ id, status: 200, result: { subscriptionId: 0 } }));
      await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ kind: 'stream', state: 'live' }));
      socket.close(1012);
      await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ kind: 'stream', state: 'lost' }));
    }
  });
});
