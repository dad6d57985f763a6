import type { AccountEvent } from '#libs/exchanges/contract';
import { silentLogger } from '#libs/exchanges/transport';
import { SystemClock } from '#libs/kernel';
import { createHmac, createPublicKey, verify } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { createSigner } from '../rest/sign.js';
import { BinanceUserStream } from './user-stream.js';

interface Request {
  readonly id: string;
  readonly method: string;
  readonly params?: Record<string, string | number>;
}

const disposals: Array<() => Promise<void> | void> = [];

afterEach(async () => {
  for (const dispose of disposals.splice(0).reverse()) await dispose();
});

type Reply = (request: Request, socket: WebSocket, connection: number) => void;

const accept: Reply = (request, socket) => socket.send(JSON.stringify({ id: request.id, status: 200, result: { subscriptionId: 0 } }));

async function venue(reply: Reply) {
  const requests: Request[] = [];
  let connections = 0;
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  wss.on('connection', (socket) => {
    connections += 1;
    const connection = connections;
    socket.on('message', (data) => {
      const request = JSON.parse(String(data)) as Request;
      requests.push(request);
      reply(request, socket, connection);
    });
  });
  await new Promise((resolve) => wss.once('listening', resolve));
  disposals.push(() => {
    for (const client of wss.clients) client.terminate();
    return new Promise<void>((resolve) => wss.close(() => resolve()));
  });
  return { url: `ws://127.0.0.1:${(wss.address() as AddressInfo).port}/ws-api/v3`, requests, wss, connections: () => connections };
}

function subscribe(url: string, secret = 'the secret', answerTimeoutMs = 2_000) {
  const events: AccountEvent[] = [];
  const syncs: number[] = [];
  const silences: [number, boolean][] = [];
  const stream = new BinanceUserStream({
    url,
    account: 'main',
    apiKey: 'K',
    signer: createSigner(secret),
    recvWindowMs: 5_000,
    clock: new SystemClock(),
    logger: silentLogger,
    toSymbol: (symbol) => symbol,
    timestampMs: () => 1_700_000_000_000,
    answerTimeoutMs,
    syncClock: async () => void syncs.push(1),
    silentForMs: () => 0,
    onSilence: (untilMs, banned) => void silences.push([untilMs, banned]),
    listener: (event) => events.push(event),
  });
  disposals.push(() => stream.close());
  stream.start();
  const states = () => events.flatMap((event) => (event.kind === 'stream' ? [event.state] : []));
  return { stream, events, states, syncs, silences };
}

describe('BinanceUserStream', () => {
  it('subscribes with a signature of its own, then says live, then hands over events in order', async () => {
    const { url, requests } = await venue((request, socket, connection) => {
      accept(request, socket, connection);
      for (const d of ['1.0', '2.0'])
        socket.send(JSON.stringify({ subscriptionId: 0, event: { e: 'balanceUpdate', E: 1, a: 'BTC', d, T: 1 } }));
    });
    const { events } = subscribe(url);
    await vi.waitFor(() => expect(events.length).toBe(3));
    expect(events.map((event) => (event.kind === 'transfer' ? event.amount : event.kind))).toEqual(['stream', '1.0', '2.0']);
    const signature = createHmac('sha256', 'the secret').update('apiKey=K&recvWindow=5000&timestamp=1700000000000').digest('hex');
    expect(requests).toEqual([
      {
        id: 'subscribe',
        method: 'userDataStream.subscribe.signature',
        params: { apiKey: 'K', recvWindow: 5_000, timestamp: 1_700_000_000_000, signature },
      },
    ]);
  });

  it('logs on with an Ed25519 key, then subscribes', async () => {
    const { url, requests } = await venue(accept);
    const { states } = subscribe(url, 'MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g');
    await vi.waitFor(() => expect(states()).toEqual(['live']));
    expect(requests.map((request) => request.method)).toEqual(['session.logon', 'userDataStream.subscribe']);
    const key = createPublicKey({
      key: Buffer.from('MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=', 'base64'),
      format: 'der',
      type: 'spki',
    });
    const signature = Buffer.from(String(requests[0]!.params!['signature']), 'base64');
    expect(verify(null, Buffer.from('apiKey=K&recvWindow=5000&timestamp=1700000000000'), key, signature)).toBe(true);
  });

  it('says lost once, and live again after it has joined again', async () => {
    const { url, wss } = await venue(accept);
    const { states } = subscribe(url);
    await vi.waitFor(() => expect(states()).toEqual(['live']));
    for (const client of wss.clients) client.terminate();
    await vi.waitFor(() => expect(states()).toEqual(['live', 'lost', 'live']), { timeout: 5_000 });
  });

  it.each(['serverShutdown', 'eventStreamTerminated'])('goes to another connection at once on %s', async (e) => {
    const { url, connections } = await venue((request, socket, connection) => {
      accept(request, socket, connection);
      if (connection === 1) socket.send(JSON.stringify({ event: { e, E: 1 } }));
    });
    const { states } = subscribe(url);
    await vi.waitFor(() => expect(states()).toEqual(['live', 'lost', 'live']), { timeout: 5_000 });
    expect(connections()).toBe(2);
  });

  it('does not say live before the venue has agreed, and tries again when it does not answer', async () => {
    const { url, connections } = await venue((request, socket, connection) => {
      if (connection > 1) accept(request, socket, connection);
    });
    const { states, events } = subscribe(url, 'the secret', 50);
    await vi.waitFor(() => expect(states()).toEqual(['lost', 'live']), { timeout: 5_000 });
    expect(events[0]).toMatchObject({ reason: 'no-answer' });
    expect(connections()).toBe(2);
  });

  it('looks at the clock when it was refused for its time, and keeps trying', async () => {
    const { url } = await venue((request, socket, connection) => {
      if (connection > 1) accept(request, socket, connection);
      else socket.send(JSON.stringify({ id: request.id, status: 400, error: { code: -1021, msg: 'Timestamp.' } }));
    });
    const { states, syncs, events } = subscribe(url);
    await vi.waitFor(() => expect(states()).toEqual(['lost', 'live']), { timeout: 5_000 });
    expect(syncs.length).toBe(1);
    expect(events[0]).toMatchObject({ reason: 'refused -1021' });
  });

  it('tells of a ban, and until when', async () => {
    const { url } = await venue((request, socket) =>
      socket.send(
        JSON.stringify({
          id: request.id,
          status: 418,
          error: { code: -1003, msg: 'IP banned.', data: { serverTime: 1, retryAfter: 1_700_000_600_000 } },
        }),
      ),
    );
    const { silences } = subscribe(url);
    await vi.waitFor(() => expect(silences[0]).toEqual([1_700_000_600_000, true]));
  });

  it('starts anew when its key is revoked within the session', async () => {
    const { url } = await venue((request, socket, connection) => {
      accept(request, socket, connection);
      if (connection === 1) socket.send(JSON.stringify({ id: null, status: 401, error: { code: -2015, msg: 'x' } }));
    });
    const { states } = subscribe(url);
    await vi.waitFor(() => expect(states()).toEqual(['live', 'lost', 'live']), { timeout: 5_000 });
  });

  it('does not drop what it cannot read', async () => {
    const { url } = await venue((request, socket, connection) => {
      accept(request, socket, connection);
      socket.send('garbage{');
      socket.send('[]');
      socket.send(JSON.stringify({ event: { e: 'executionReport' } }));
    });
    const { events } = subscribe(url);
    await vi.waitFor(() => expect(events.length).toBe(4));
    expect(events.slice(1).map((event) => event.kind)).toEqual(['unreadable', 'unreadable', 'unreadable']);
    expect(JSON.stringify(events)).not.toContain('garbage');
  });

  it('says nothing more after it was closed', async () => {
    const { url } = await venue(accept);
    const { stream, events, states } = subscribe(url);
    await vi.waitFor(() => expect(states()).toEqual(['live']));
    await stream.close();
    await stream.close();
    expect(events.length).toBe(1);
    expect(stream.status()).toMatchObject({ name: 'main orders', state: 'closed' });
  });
});
