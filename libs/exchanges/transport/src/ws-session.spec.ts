import { SystemClock } from '#libs/kernel';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { WsSession, type WsSessionOptions, type WsSessionState } from './ws-session.js';

const quick = { firstMs: 5, maxMs: 20, minMs: 1 };
const clock = new SystemClock();
const disposals: Array<() => Promise<void> | void> = [];

afterEach(async () => {
  for (const dispose of disposals.splice(0).reverse()) await dispose();
});

interface Heard {
  readonly messages: string[];
  readonly states: WsSessionState[];
  readonly reasons: string[];
}

function session(url: () => string, more: Partial<WsSessionOptions> = {}): { session: WsSession } & Heard {
  const heard: Heard = { messages: [], states: [], reasons: [] };
  const made = new WsSession({
    url,
    clock,
    backoff: quick,
    onMessage: (data) => heard.messages.push(data.toString()),
    onStateChange: (state, reason) => {
      heard.states.push(state);
      if (reason !== null) heard.reasons.push(reason);
    },
    ...more,
  });
  disposals.push(() => made.close());
  return { session: made, ...heard };
}

async function server(onConnection: (socket: WebSocket) => void, autoPong = true): Promise<{ url: string; wss: WebSocketServer }> {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong });
  wss.on('connection', onConnection);
  await new Promise((resolve) => wss.once('listening', resolve));
  disposals.push(() => {
    for (const client of wss.clients) client.terminate();
    return new Promise<void>((resolve) => wss.close(() => resolve()));
  });
  return { url: `ws://127.0.0.1:${(wss.address() as AddressInfo).port}`, wss };
}

describe('WsSession', () => {
  it('opens, says what onOpen sends, and hands over messages with the time they came', async () => {
    const { url } = await server((socket) => socket.on('message', (data) => socket.send(`echo ${String(data)}`)));
    const times: number[] = [];
    const heard: string[] = [];
    const s = session(() => url, {
      onOpen: (open) => void open.send('hello'),
      onMessage: (data, receivedAtMs) => {
        heard.push(data.toString());
        times.push(receivedAtMs);
      },
    });
    expect(s.session.send('too early')).toBe(false);
    s.session.start();
    s.session.start();
    await vi.waitFor(() => expect(heard).toEqual(['echo hello']));
    expect(Math.abs(times[0]! - Date.now())).toBeLessThan(5_000);
    expect(s.states).toEqual(['connecting', 'open']);
  });

  it('comes back after the server cut the connection, and says why it was lost', async () => {
    let connections = 0;
    const { url } = await server((socket) => {
      connections += 1;
      if (connections < 4) socket.close(1012);
    });
    const s = session(() => url);
    s.session.start();
    await vi.waitFor(() => expect(connections).toBe(4));
    await vi.waitFor(() => expect(s.session.state).toBe('open'));
    expect(s.reasons.slice(0, 3)).toEqual(['closed-1012', 'closed-1012', 'closed-1012']);
  });

  it('goes on trying while nobody listens, without a reason that holds the address', async () => {
    const s = session(() => 'ws://127.0.0.1:1/secret-path');
    s.session.start();
    await vi.waitFor(() => expect(s.reasons.length).toBeGreaterThan(3));
    expect(new Set(s.reasons)).toEqual(new Set(['econnrefused']));
  });

  it('goes on trying when the address is refused with an HTTP status', async () => {
    const http = (await import('node:http')).createServer((_request, response) => response.writeHead(418).end('teapot'));
    http.on('upgrade', (_request, socket) => {
      // The client may be gone before it has read everything: that is its affair.
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 418 I am a teapot\r\nconnection: close\r\n\r\n');
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    disposals.push(() => new Promise<void>((resolve) => http.close(() => resolve())));
    const s = session(() => `ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
    s.session.start();
    await vi.waitFor(() => expect(s.reasons).toContain('http-418'));
  });

  it('drops a link on which even the pong is missing', async () => {
    let connections = 0;
    const { url } = await server(() => void (connections += 1), false);
    const s = session(() => url, { pingIntervalMs: 20 });
    s.session.start();
    await vi.waitFor(() => expect(s.reasons).toContain('no-pong'));
    await vi.waitFor(() => expect(connections).toBeGreaterThan(1));
  });

  it('keeps a quiet link that answers pings', async () => {
    let pings = 0;
    const { url } = await server((socket) => socket.on('ping', () => (pings += 1)));
    const s = session(() => url, { pingIntervalMs: 15 });
    s.session.start();
    await vi.waitFor(() => expect(pings).toBeGreaterThan(5));
    expect(s.session.state).toBe('open');
    expect(s.reasons).toEqual([]);
  });

  it('reconnects a link that answers pings but brings no data, where silence is not normal', async () => {
    const { url } = await server((socket) => socket.send('one'));
    const s = session(() => url, { pingIntervalMs: 10, silenceMs: 60 });
    s.session.start();
    await vi.waitFor(() => expect(s.reasons).toContain('silent'));
    await vi.waitFor(() => expect(s.messages.length).toBeGreaterThan(1));
  });

  it('rolls a connection of age', async () => {
    const { url } = await server(() => undefined);
    const s = session(() => url, { maxAgeMs: 30 });
    s.session.start();
    await vi.waitFor(() => expect(s.reasons.filter((reason) => reason === 'rolled').length).toBeGreaterThan(1));
  });

  it('waits as long as it is told to before it tries again', async () => {
    let hold = 60_000;
    const { url, wss } = await server((socket) => socket.close());
    const s = session(() => url, { holdMs: () => hold });
    s.session.start();
    await vi.waitFor(() => expect(s.states).toEqual(['connecting', 'open', 'waiting']));
    await vi.waitFor(() => expect(wss.clients.size).toBe(0));
    hold = 0;
    expect(s.session.state).toBe('waiting');
  });

  it('gives up a connection whose handler threw, and lives on', async () => {
    const { url } = await server((socket) => socket.send('x'));
    let calls = 0;
    const s = session(() => url, {
      onMessage: () => {
        calls += 1;
        if (calls === 1) throw new TypeError('a bug, with secrets in its text');
      },
    });
    s.session.start();
    await vi.waitFor(() => expect(calls).toBeGreaterThan(1));
    expect(s.reasons).toEqual(['handler-failed: TypeError']);
  });

  it('calls nothing and connects no more after close, from whatever state', async () => {
    let connections = 0;
    const { url } = await server((socket) => {
      connections += 1;
      socket.close();
    });
    const s = session(() => url);
    s.session.start();
    await vi.waitFor(() => expect(connections).toBeGreaterThan(0));
    await s.session.close();
    await s.session.close();
    const seen = connections;
    s.session.start();
    const states = s.states.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(s.session.state).toBe('closed');
    expect(s.states.length).toBe(states);
    expect(connections).toBe(seen);
  });

  it('can be closed inside its own callbacks', async () => {
    const { url } = await server((socket) => socket.send('x'));
    for (const at of ['connecting', 'open', 'waiting'] as const) {
      const made: WsSession = new WsSession({
        url: () => (at === 'waiting' ? 'ws://127.0.0.1:1' : url),
        clock,
        backoff: quick,
        onMessage: () => undefined,
        onStateChange: (state) => {
          if (state === at) void made.close();
        },
      });
      made.start();
      await vi.waitFor(() => expect(made.state).toBe('closed'));
    }
  });

  it('gives up a server that accepts the socket and never shakes hands', async () => {
    const sockets: Socket[] = [];
    const mute: Server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    disposals.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => mute.close(() => resolve()));
    });
    const s = session(() => `ws://127.0.0.1:${(mute.address() as AddressInfo).port}`, { handshakeTimeoutMs: 20 });
    s.session.start();
    await vi.waitFor(() => expect(sockets.length).toBeGreaterThan(1));
    await s.session.close();
  });

  it('[lesson 42] leaks no socket and no timer over 1,000 openings and closings', async () => {
    const { url, wss } = await server((socket) => socket.send('hello'));
    const resources = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name === 'TCPSocketWrap').length;
    const before = resources();
    for (let round = 0; round < 1_000; round += 1) {
      await new Promise<void>((resolve) => {
        const made = new WsSession({ url: () => url, clock, onMessage: () => void made.close().then(resolve) });
        made.start();
      });
    }
    await vi.waitFor(() => expect(wss.clients.size).toBe(0));
    await vi.waitFor(() => expect(resources()).toBeLessThanOrEqual(before + 5));
  });
});
