import { describe, expect, it } from 'vitest';
import { readPlainRequest } from './plain-request.js';

const HEAD = 'POST /binance/api/v3/order HTTP/1.1\r\nHost: x\r\nX-MBX-APIKEY:  key \r\nContent-Length: 3\r\n\r\n';
const read = (text: string) => readPlainRequest(Buffer.from(text, 'utf8'));

describe('a plain request', () => {
  it('is read whole', () => {
    expect(read(`${HEAD}a=b`)).toEqual({
      method: 'POST',
      url: '/binance/api/v3/order',
      headers: { host: 'x', 'x-mbx-apikey': 'key', 'content-length': '3' },
      body: 'a=b',
    });
    expect(read('GET /a?b=c HTTP/1.1\r\nhost: x\r\nconnection: Keep-Alive\r\n\r\n')).toMatchObject({ url: '/a?b=c', body: '' });
  });

  it('has a body in UTF-8, counted in bytes', () => {
    expect(read(`${HEAD}a=`)).toBe('more');
    expect(read(`${HEAD}aé`)).toMatchObject({ body: 'aé' });
  });

  it('may come in parts', () => {
    const whole = `${HEAD}a=b`;
    for (let end = 1; end < whole.length; end += 1) expect(read(whole.slice(0, end))).toBe('more');
  });

  it.each([
    ['is followed by another', `${HEAD}a=bGET`],
    ['has a method of its own', 'BREW /a HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['is of an older time', 'GET /a HTTP/1.0\r\nhost: x\r\n\r\n'],
    ['names a whole address', 'GET http://x/a HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['names no host', 'GET /a HTTP/1.1\r\n\r\n'],
    ['wants another protocol', 'GET /a HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n'],
    ['wants the connection closed', 'GET /a HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'],
    ['comes in chunks', 'POST /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['waits for a word', 'POST /a HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n'],
    ['says a header twice', 'GET /a HTTP/1.1\r\nhost: x\r\nHost: y\r\n\r\n'],
    ['folds a header', 'GET /a HTTP/1.1\r\nhost: x\r\n folded: y\r\n\r\n'],
    ['has a header that is none', 'GET /a HTTP/1.1\r\nhost x\r\n\r\n'],
    ['hides a line in a header', 'GET /a HTTP/1.1\r\nhost: x\ny: z\r\n\r\n'],
    ['has no sensible length', 'POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: -3\r\n\r\nabc'],
    ['has a very long body', 'POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\nabc'],
    ['has a head without end', `GET /a HTTP/1.1\r\nhost: ${'x'.repeat(9_000)}`],
  ])('is left to the full server when it %s', (_what, text) => {
    expect(read(text)).toBe('unusual');
  });
});
