import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HttpClient, type HttpClientOptions, type HttpRequest } from './http-client.js';
import { TransportError } from './transport-error.js';

const disposals: Array<() => Promise<void> | void> = [];

afterEach(async () => {
  for (const dispose of disposals.splice(0).reverse()) await dispose();
});

/** A server of raw sockets, so that every way of breaking can be made. */
async function rawServer(onRequest: (socket: Socket, request: string, count: number) => void, onConnect?: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    onConnect?.(socket);
    let text = '';
    socket.on('data', (data) => {
      text += data.toString();
      const head = text.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (text.length < head + 4 + length) return;
      const request = text.slice(0, head + 4 + length);
      text = text.slice(head + 4 + length);
      requests += 1;
      onRequest(socket, request, requests);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  disposals.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: () => requests, sockets };
}

function client(baseUrl: string, more: Partial<HttpClientOptions> = {}): HttpClient {
  const made = new HttpClient({ baseUrl, ...more });
  disposals.push(() => made.close());
  return made;
}

const post = (deadlineMs = 2_000): HttpRequest => ({
  method: 'POST',
  path: '/api/v3/order',
  body: 'symbol=BTCUSDT&side=BUY',
  headers: ['x-key', 'k'],
  deadlineMs,
});

async function failureOf(promise: Promise<unknown>): Promise<TransportError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TransportError);
  return error as TransportError;
}

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX-Used: 7\r\n\r\n{}';

describe('HttpClient', () => {
  it('sends the bytes as they are, below the prefix, and reads status, headers and body', async () => {
    let seen = '';
    const { url } = await rawServer((socket, request) => {
      seen = request;
      socket.write(ok);
    });
    const answer = await client(`${url}/binance/`).request(post());
    expect(answer).toMatchObject({ status: 200, body: '{}' });
    expect(answer.headers['x-used']).toBe('7');
    expect(seen.startsWith('POST /binance/api/v3/order HTTP/1.1\r\n')).toBe(true);
    expect(seen.endsWith('\r\n\r\nsymbol=BTCUSDT&side=BUY')).toBe(true);
  });

  it('puts a body together that comes in pieces, also within one character', async () => {
    const { url } = await rawServer((socket) => {
      const body = Buffer.from('{"s":"１２３"}');
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`);
      let at = 0;
      const next = () => {
        if (at >= body.length) return;
        socket.write(body.subarray(at, (at += 1)), () => setImmediate(next));
      };
      next();
    });
    expect((await client(url).request(post())).body).toBe('{"s":"１２３"}');
  });

  it('answers an error status as an answer, and does not follow a redirect', async () => {
    let count = 0;
    const { url, requests } = await rawServer((socket) => {
      count += 1;
      socket.write(
        count === 1
          ? 'HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n'
          : 'HTTP/1.1 307 Over there\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n',
      );
    });
    const http = client(url);
    expect((await http.request(post())).status).toBe(503);
    expect((await http.request(post())).status).toBe(307);
    expect(requests()).toBe(2);
  });

  it.each([
    ['nobody listens', 'http://127.0.0.1:1'],
    ['the name does not exist', 'http://no-such-host.invalid'],
  ])('says not-sent when %s', async (_why, url) => {
    const error = await failureOf(client(url).request(post(10_000)));
    expect(error).toMatchObject({ failure: 'no-connection', outcome: 'not-sent' });
    expect(error.message).not.toContain('127.0.0.1');
    expect(error.message).not.toContain('no-such-host');
  });

  it('says not-sent when TLS cannot be agreed on', async () => {
    const { url } = await rawServer(
      () => undefined,
      (socket) => socket.end('this is no TLS\r\n'),
    );
    const error = await failureOf(client(url.replace('http:', 'https:')).request(post()));
    expect(error).toMatchObject({ failure: 'no-connection', outcome: 'not-sent' });
  });

  it('says not-sent when the deadline passes before TLS is agreed on', async () => {
    let data = '';
    const { url } = await rawServer(
      () => undefined,
      (socket) => socket.on('data', (chunk) => (data += chunk.toString('latin1'))),
    );
    const error = await failureOf(client(url.replace('http:', 'https:')).request(post(80)));
    expect(error).toMatchObject({ failure: 'deadline', outcome: 'not-sent' });
    expect(data).not.toContain('BTCUSDT');
  });

  it('says unknown when the other side resets without having read, for the bytes may have been on their way', async () => {
    const { url } = await rawServer(
      () => undefined,
      (socket) => {
        socket.pause();
        setImmediate(() => socket.resetAndDestroy());
      },
    );
    const error = await failureOf(client(url).request(post()));
    expect(error.outcome).toBe('unknown');
  });

  it('says unknown when the connection is reset after the request was read', async () => {
    const { url, requests } = await rawServer((socket) => socket.resetAndDestroy());
    const error = await failureOf(client(url).request(post()));
    expect(error).toMatchObject({ failure: 'broken-connection', outcome: 'unknown' });
    expect(requests()).toBe(1);
  });

  it('says unknown when the connection is closed without an answer', async () => {
    const { url, requests } = await rawServer((socket) => socket.end());
    const error = await failureOf(client(url).request(post()));
    expect(error).toMatchObject({ failure: 'broken-connection', outcome: 'unknown' });
    expect(requests()).toBe(1);
  });

  it('says unknown at the deadline when no answer comes, and gives the socket up', async () => {
    const { url, sockets } = await rawServer(() => undefined);
    const error = await failureOf(client(url).request(post(60)));
    expect(error).toMatchObject({ failure: 'deadline', outcome: 'unknown' });
    await vi.waitFor(() => expect(sockets.size).toBe(0));
  });

  it('says unknown at the deadline when the answer drips in without an end', async () => {
    const { url } = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n');
      const timer = setInterval(() => socket.write(' '), 10);
      socket.on('close', () => clearInterval(timer));
    });
    const error = await failureOf(client(url).request(post(100)));
    expect(error).toMatchObject({ failure: 'deadline', outcome: 'unknown' });
  });

  it.each([
    ['is shorter than promised', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"orderId":'],
    ['ends within a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n20\r\n{"orderId"'],
    ['ends within its head', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['is no HTTP', 'garbage garbage\r\n\r\n'],
  ])('says unknown when the answer %s', async (_why, bytes) => {
    const { url } = await rawServer((socket) => socket.end(bytes));
    const error = await failureOf(client(url).request(post()));
    expect(error.outcome).toBe('unknown');
    expect(['broken-answer', 'broken-connection']).toContain(error.failure);
  });

  it('stops reading an answer that is too large', async () => {
    const { url, sockets } = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n');
      const chunk = Buffer.alloc(64 * 1024, 97);
      const pump = () => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', pump);
      pump();
    });
    const error = await failureOf(client(url, { answerBytesMax: 200_000 }).request(post(10_000)));
    expect(error).toMatchObject({ failure: 'answer-too-large', outcome: 'unknown' });
    await vi.waitFor(() => expect(sockets.size).toBe(0));
  });

  it('sends nothing twice when a kept-alive socket dies under the next request', async () => {
    const { url, requests } = await rawServer((socket, _request, count) => {
      if (count % 2 === 1) socket.write(ok);
      else socket.resetAndDestroy();
    });
    const http = client(url, { connections: 1 });
    for (let round = 1; round <= 10; round += 1) {
      await http.request(post());
      expect((await failureOf(http.request(post()))).outcome).toBe('unknown');
      expect(requests()).toBe(2 * round);
    }
  });

  it('never writes a request whose deadline passed while it waited for a socket', async () => {
    const waiting: Socket[] = [];
    const { url, requests } = await rawServer((socket) => waiting.push(socket));
    const http = client(url, { connections: 1 });
    const first = http.request(post(5_000));
    const second = await failureOf(http.request(post(40)));
    expect(second).toMatchObject({ failure: 'deadline', outcome: 'not-sent' });
    waiting[0]!.write(ok);
    expect((await first).status).toBe(200);
    const third = http.request(post(5_000));
    await vi.waitFor(() => expect(waiting.length).toBe(2));
    waiting[1]!.write(ok);
    await third;
    expect(requests()).toBe(2);
  });

  it('never writes a request that got its socket too late, though its answer would still be waited for', async () => {
    const waiting: Socket[] = [];
    const { url, requests } = await rawServer((socket) => waiting.push(socket));
    const http = client(url, { connections: 1 });
    const first = http.request(post());
    const late = failureOf(http.request({ ...post(), writeWithinMs: 20 }));
    const until = performance.now() + 40;
    await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(until));
    await vi.waitFor(() => expect(waiting.length).toBe(1));
    waiting[0]!.write(ok);
    await first;
    expect(await late).toMatchObject({ failure: 'deadline', outcome: 'not-sent' });
    expect(requests()).toBe(1);
  });

  it('refuses unsent what would wait beyond the bound', async () => {
    const { url } = await rawServer(() => undefined);
    const http = client(url, { connections: 1, pendingMax: 2 });
    const pending = [failureOf(http.request(post(100))), failureOf(http.request(post(100)))];
    expect(await failureOf(http.request(post()))).toMatchObject({ failure: 'busy', outcome: 'not-sent' });
    await Promise.all(pending);
    await failureOf(http.request(post(20)));
  });

  it('says what it knows of requests under way when it is closed, and refuses later ones unsent', async () => {
    const { url, requests } = await rawServer(() => undefined);
    const http = client(url);
    const pending = failureOf(http.request(post()));
    await vi.waitFor(() => expect(requests()).toBe(1));
    await http.close();
    await http.close();
    expect((await pending).outcome).toBe('unknown');
    expect(await failureOf(http.request(post()))).toMatchObject({ outcome: 'not-sent' });
  });
});
