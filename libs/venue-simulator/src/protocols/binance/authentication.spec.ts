import { describe, expect, it } from 'vitest';
import type { SimAccount, SimExchange } from '../../exchange/types.js';
import { Authentication, checkTimestamp } from './authentication.js';
import { Params, readUrlEncoded, signedPayload } from './params.js';
import { wsPayload } from './ws-api/ws-params.js';

const KEY = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A';
const SECRET = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
/** Public half of the key pair of RFC 8032, test 1. */
const PUBLIC_PEM = '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n';

const account: SimAccount = {
  name: 'a',
  venue: 'binance',
  apiKey: KEY,
  apiSecret: SECRET,
  passphrase: null,
  ed25519PublicKey: PUBLIC_PEM,
  ed25519PrivateKey: null,
};
const exchange = { accountByKey: (key: string) => (key === KEY ? account : undefined) } as unknown as SimExchange;
const authentication = new Authentication(exchange, 'binance');

/** Published in the Spot API docs ("Signed Endpoint Examples"), read 2026-07-21. */
const REST_VECTORS: readonly (readonly [query: string, body: string, signature: string])[] = [
  ['timestamp=1578963600000', '', 'd84e6641b1e328e7b418fff030caed655c266299c9355e36ce801ed14631eed4'],
  [
    'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559',
    '',
    'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71',
  ],
  [
    'symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559',
    '',
    'e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3',
  ],
  [
    'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC',
    'quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559',
    '0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77',
  ],
];

const ORDER = { recvWindow: '100', side: 'SELL', symbol: 'BTCUSDT', timeInForce: 'GTC', timestamp: '1645423376532', type: 'LIMIT' };
/** The same page and "WebSocket API general information". */
const WS_VECTORS: readonly (readonly [params: Record<string, string>, signature: string])[] = [
  [{ price: '52000.00', quantity: '0.01000000', ...ORDER }, 'aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24'],
  [
    { price: '0.10000000', quantity: '1.00000000', ...ORDER, recvWindow: '5000', side: 'BUY', symbol: '１２３４５６' },
    'b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd',
  ],
  [{ timestamp: '1649729878532' }, '1cf54395b336b0a9727ef27d5d98987962bc47aca6e13fe978612d0adee066ed'],
  [
    { origClientOrderId: '4d96324ff9d44481926157', symbol: 'BTCUSDT', timestamp: '1660801715830' },
    '33d5b721f278ae17a52f004a82a6f68a70c68e7dd6776ed0be77a455ab855282',
  ],
  [{ timestamp: '1660801839480' }, '83303b4a136ac1371795f465808367242685a9e3a42b22edb4d977d0696eb45c'],
  [
    { orderId: '12569099453', symbol: 'BTCUSDT', timestamp: '1660801720951' },
    '2c3aab5a078ee4ea465ecd95523b77289f61476c2f238ec10c55ea6cb11a6f35',
  ],
];

describe('signatures', () => {
  it.each(REST_VECTORS)('accepts the published HMAC of query %s and body %s', (query, body, signature) => {
    expect(authentication.verify(account, signedPayload(query, body), signature)).toBe('hmac');
  });

  it.each(REST_VECTORS)('takes the signature off the text it stands in, wherever that is (%s)', (query, body, signature) => {
    const inQuery = signedPayload(`${query}&signature=${signature}`, body);
    const inBody = signedPayload(query, body === '' ? `signature=${signature}` : `${body}&signature=${signature}`);
    const first = signedPayload(`signature=${signature}&${query}`, body);
    expect([inQuery, inBody, first]).toEqual([query + body, query + body, query + body]);
  });

  it.each(WS_VECTORS)('accepts the published HMAC of WebSocket parameters %o', (params, signature) => {
    const payload = wsPayload(new Params(new Map(Object.entries({ ...params, apiKey: KEY, signature }))));
    expect(authentication.verify(account, payload, signature)).toBe('hmac');
  });

  it('accepts hex in capitals', () => {
    const [query, body, signature] = REST_VECTORS[0]!;
    expect(authentication.verify(account, signedPayload(query, body), signature.toUpperCase())).toBe('hmac');
  });

  it('accepts Ed25519 over the REST payload', () => {
    const payload = 'symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow=5000';
    const signature = 'XtZirsmmi0noRzUfkqktvkVfxpkq/WtbLg2UOL3QGYdUBZVlqOBEMuEVw8zioY93N54NcKj9UuAXQEa9zgTDBg==';
    expect(authentication.verify(account, payload, signature)).toBe('ed25519');
  });

  it('accepts Ed25519 over the sorted WebSocket payload', () => {
    const apiKey = '4yNzx3yWC5bS6YTwEkSRaC0nRmSQIIStAUOh1b6kqaBrTLIhjCpI5lJH8q8R8WNO';
    const signature = 'Ws+5m/CMnpkko0uBFxGTZ2+fjqqBXsUjRiaz173fPhXTkhoDBYNZ6wcYNeWItdrGn1pvG7vkwx2fhmJdAZ3KDQ==';
    const payload = wsPayload(
      new Params(new Map(Object.entries({ price: '52000.00', quantity: '0.01000000', ...ORDER, apiKey, signature }))),
    );
    expect(authentication.verify(account, payload, signature)).toBe('ed25519');
  });

  it.each(['', '00', 'not a signature', 'ab'.repeat(32), 'AAAA'.repeat(16)])('refuses %s with -1022', (signature) => {
    expect(() => authentication.verify(account, 'timestamp=1578963600000', signature)).toThrow(
      expect.objectContaining({ code: -1022, status: 400 }),
    );
  });
});

describe('keys', () => {
  it('refuses a key that is absent or malformed with -2014 and an unknown one with -2015', () => {
    expect(() => authentication.account(undefined)).toThrow(expect.objectContaining({ code: -2014, status: 401 }));
    expect(() => authentication.account('with space')).toThrow(expect.objectContaining({ code: -2014 }));
    expect(() => authentication.account('x'.repeat(64))).toThrow(expect.objectContaining({ code: -2015, status: 401 }));
    expect(authentication.account(KEY)).toBe(account);
  });

  it('refuses a key of another venue', () => {
    expect(() => new Authentication(exchange, 'kraken').account(KEY)).toThrow(expect.objectContaining({ code: -2015 }));
  });
});

describe('timestamps', () => {
  const SERVER_MS = 1_700_000_000_000;
  const check = (query: string): void => checkTimestamp(new Params(readUrlEncoded(query, '')), SERVER_MS);

  it.each([
    [`timestamp=${SERVER_MS}`],
    [`timestamp=${SERVER_MS + 999}`],
    [`timestamp=${SERVER_MS - 5_000}`],
    [`timestamp=${SERVER_MS - 60_000}&recvWindow=60000`],
    [`timestamp=${SERVER_MS - 5_000}&recvWindow=5000.5`],
    [`timestamp=${SERVER_MS}000`],
  ])('accepts %s', (query) => {
    expect(() => check(query)).not.toThrow();
  });

  it.each([
    [`timestamp=${SERVER_MS + 1_000}`, -1021, "Timestamp for this request was 1000ms ahead of the server's time."],
    [`timestamp=${SERVER_MS - 5_001}`, -1021, 'Timestamp for this request is outside of the recvWindow.'],
    [`timestamp=${SERVER_MS - 6}&recvWindow=5.5`, -1021, 'Timestamp for this request is outside of the recvWindow.'],
    [`timestamp=${SERVER_MS}&recvWindow=60001`, -1131, 'recvWindow must be less than 60000'],
    ['recvWindow=5000', -1102, "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed."],
    ['timestamp=now', -1100, "Illegal characters found in parameter 'timestamp'; legal range is '^[0-9]{1,20}$'."],
  ])('refuses %s with %i', (query, code, message) => {
    expect(() => check(query)).toThrow(expect.objectContaining({ code, message }));
  });
});
