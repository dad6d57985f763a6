import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startTestSimulator } from '../testing.js';
import type { RunningSimulator } from './start-simulator.js';

let simulator: RunningSimulator;
let socket: Socket;
let received = '';

beforeEach(async () => {
  ({ simulator } = await startTestSimulator());
  received = '';
  socket = connect(simulator.port, '127.0.0.1');
  socket.setNoDelay(true);
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
  await new Promise((resolve) => socket.once('connect', resolve));
});
afterEach(async () => {
  socket.destroy();
  await simulator.close();
});

const PING = 'GET /binance/api/v3/ping HTTP/1.1\r\nHost: x\r\n\r\n';
const answers = (): number => received.split('HTTP/1.1 200 OK').length - 1;
const until = (done: () => boolean): Promise<boolean> => vi.waitUntil(done);

describe('one connection', () => {
  it('is answered with the headers of any HTTP server', async () => {
    socket.write(PING);
    await until(() => received.endsWith('{}'));
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: application\/json;charset=UTF-8\r\n/);
    expect(received).toContain('\r\nContent-Length: 2\r\n');
    expect(received).toMatch(
      /\r\nDate: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\n\{\}$/,
    );
  });

  it('takes a request in parts', async () => {
    socket.write(PING.slice(0, 20));
    await until(() => socket.writableLength === 0);
    socket.write(PING.slice(20));
    expect(await until(() => answers() === 1)).toBe(true);
  });

  it('answers requests that came together, in order', async () => {
    socket.write(PING + PING + PING.replace('ping', 'time'));
    await until(() => answers() === 3);
    expect(received.lastIndexOf('serverTime')).toBeGreaterThan(received.lastIndexOf('{}'));
  });

  it('goes on after a request that is not plain, and after one for the controls', async () => {
    socket.write(PING);
    await until(() => answers() === 1);
    socket.write('GET /_sim/health HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => answers() === 2);
    socket.write('POST /binance/api/v3/ping HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n');
    await until(() => received.includes('-1020'));
    socket.write(PING);
    expect(await until(() => answers() === 3)).toBe(true);
  });

  it('meets the faults that are set after it was opened', async () => {
    socket.write(PING);
    await until(() => answers() === 1);
    await fetch(`http://127.0.0.1:${simulator.port}/_sim/faults`, {
      method: 'POST',
      body: JSON.stringify({ venue: 'binance', kind: 'http-status', status: 503 }),
    });
    socket.write(PING);
    expect(await until(() => received.includes('HTTP/1.1 503'))).toBe(true);
  });

  it('is closed when its client says that it has ended', async () => {
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.end(PING);
    await closed;
    expect(answers()).toBe(1);
  });

  it('does not keep the simulator from closing', async () => {
    socket.write(PING);
    await until(() => answers() === 1);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await simulator.close();
    expect(await closed).toBe(false);
    ({ simulator } = await startTestSimulator());
  });
});
