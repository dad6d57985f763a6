import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { UndiciPeerClient } from './undici-peer-client.js';

const REQUEST = { method: 'POST', path: '/v1/orders?x=1', body: '{"a":1}', headers: { authorization: 'Bearer k' } };
const client = new UndiciPeerClient();
let close: () => void = () => undefined;

type Listener = Parameters<typeof createServer>[1];

async function serve(listener: NonNullable<Listener>): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => close());

it('sends the request as it is and gives back status, body and the headers that a client is to see', async () => {
  const url = await serve((request, response) => {
    response.writeHead(201, { 'content-type': 'application/json', 'idempotent-replayed': 'true', 'x-inside': '1' });
    response.end(JSON.stringify([request.method, request.url, request.headers.authorization, request.headers['content-type']]));
  });
  const answer = await client.send(url, REQUEST, 1_000);
  expect(answer.status).toBe(201);
  expect(answer.headers).toEqual({ 'content-type': 'application/json', 'idempotent-replayed': 'true' });
  expect(JSON.parse(answer.body)).toEqual(['POST', '/v1/orders?x=1', 'Bearer k', 'application/json']);
});

it('knows that nothing was sent to a port where nobody listens', async () => {
  const url = await serve(() => undefined);
  close();
  await expect(client.send(url, REQUEST, 1_000)).rejects.toMatchObject({ isSent: false });
});

it('takes a connection that broke, and an answer that did not come, for sent', async () => {
  const broken = await serve((request) => void request.socket.destroy());
  await expect(client.send(broken, REQUEST, 1_000)).rejects.toMatchObject({ isSent: true });
  close();
  const silent = await serve(() => undefined);
  await expect(client.send(silent, REQUEST, 50)).rejects.toMatchObject({ isSent: true });
});
