import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LeanClient } from './lean-http.js';

let server: Server;
let sockets = 0;
let client: LeanClient;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      if (body === 'cut') return void request.socket.destroy();
      response.statusCode = body === 'no' ? 422 : 201;
      const answer = `got ${body}`;
      response.setHeader('content-length', answer.length);
      // In pieces, as a network would.
      response.write(answer.slice(0, 3));
      setImmediate(() => response.end(answer.slice(3)));
    });
  }).on('connection', () => (sockets += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = new LeanClient('127.0.0.1', port, `POST /x HTTP/1.1\r\nhost: x\r\ncontent-length: `);
});

afterAll(() => {
  client.close();
  server.closeAllConnections();
  server.close();
});

it('posts, reads status and body, and keeps its sockets', async () => {
  expect(await client.post('one')).toEqual({ status: 201, body: 'got one' });
  expect(await client.post('no')).toEqual({ status: 422, body: 'got no' });
  expect(sockets).toBe(1);
  const both = await Promise.all([client.post('a'), client.post('b')]);
  expect(both.map(({ body }) => body)).toEqual(['got a', 'got b']);
  expect(sockets).toBe(2);
});

it('says so when the server hangs up', async () => {
  await expect(client.post('cut')).rejects.toThrow('the connection was closed');
});
