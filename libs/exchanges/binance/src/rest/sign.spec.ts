import { createHmac, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSigner, encodeParams, messagePayload, UnusableSecret, type Params } from './sign.js';

const key = 'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A';
const secret = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
const terms = '&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559';

/** Seed of RFC 8032, test 1, as PKCS#8. */
const ed25519 = 'MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g';
const pem = `-----BEGIN PRIVATE KEY-----\n${ed25519}\n-----END PRIVATE KEY-----\n`;

describe('signing a query', () => {
  const signer = createSigner(secret);

  it.each([
    ['only a time', 'timestamp=1578963600000', 'd84e6641b1e328e7b418fff030caed655c266299c9355e36ce801ed14631eed4'],
    ['the documented order', `symbol=LTCBTC${terms}`, 'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71'],
    [
      'a symbol that is not ASCII, percent-encoded',
      `${encodeParams([['symbol', '１２３４５６']])}${terms}`,
      'e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3',
    ],
    [
      'query and form, joined with nothing',
      'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC' + 'quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559',
      '0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77',
    ],
  ])('gives the documented signature of %s', (_what, payload, signature) => {
    expect(signer.signQuery(payload)).toBe(signature);
  });

  it('agrees with the standard HMAC at every length, also beyond its own buffer, and for secrets longer than a block', () => {
    for (const someSecret of ['s', 'x'.repeat(64), 'x'.repeat(65), 'y'.repeat(300)]) {
      const some = createSigner(someSecret);
      for (const length of [0, 1, 55, 63, 64, 65, 4_095, 4_096, 4_097, 10_000]) {
        const payload = 'a=%20'.repeat(length).slice(0, length);
        expect(some.signQuery(payload)).toBe(createHmac('sha256', someSecret).update(payload).digest('hex'));
      }
    }
  });
});

describe('signing a message of the WebSocket API', () => {
  const order = (symbol: string, price: string, quantity: string, side: string, window: string): Params => [
    ['symbol', symbol],
    ['side', side],
    ['type', 'LIMIT'],
    ['timeInForce', 'GTC'],
    ['quantity', quantity],
    ['price', price],
    ['apiKey', key],
    ['recvWindow', window],
    ['timestamp', '1645423376532'],
  ];

  it.each<[string, Params, string]>([
    [
      'an order',
      order('BTCUSDT', '52000.00', '0.01000000', 'SELL', '100'),
      'aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24',
    ],
    [
      'a symbol that is not ASCII, as it is',
      order('１２３４５６', '0.10000000', '1.00000000', 'BUY', '5000'),
      'b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd',
    ],
    [
      'a logon',
      [
        ['timestamp', '1649729878532'],
        ['apiKey', key],
      ],
      '1cf54395b336b0a9727ef27d5d98987962bc47aca6e13fe978612d0adee066ed',
    ],
    [
      'a cancel',
      [
        ['symbol', 'BTCUSDT'],
        ['origClientOrderId', '4d96324ff9d44481926157'],
        ['apiKey', key],
        ['timestamp', '1660801715830'],
      ],
      '33d5b721f278ae17a52f004a82a6f68a70c68e7dd6776ed0be77a455ab855282',
    ],
    [
      'an account query',
      [
        ['apiKey', key],
        ['timestamp', '1660801839480'],
      ],
      '83303b4a136ac1371795f465808367242685a9e3a42b22edb4d977d0696eb45c',
    ],
    [
      'an order query',
      [
        ['symbol', 'BTCUSDT'],
        ['orderId', '12569099453'],
        ['apiKey', key],
        ['timestamp', '1660801720951'],
      ],
      '2c3aab5a078ee4ea465ecd95523b77289f61476c2f238ec10c55ea6cb11a6f35',
    ],
  ])('gives the documented signature of %s', (_what, params, signature) => {
    expect(createSigner(secret).signMessage(messagePayload(params))).toBe(signature);
  });
});

describe('keys', () => {
  it('recognises an Ed25519 key as PEM and as base64, and percent-encodes its signature in a query', () => {
    const payload = 'symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=0.2&timestamp=1668481559918&recvWindow=5000';
    const signature = 'XtZirsmmi0noRzUfkqktvkVfxpkq/WtbLg2UOL3QGYdUBZVlqOBEMuEVw8zioY93N54NcKj9UuAXQEa9zgTDBg==';
    for (const form of [ed25519, pem, `${pem}\n  `]) {
      const signer = createSigner(form);
      expect(signer.kind).toBe('ed25519');
      expect(signer.signMessage(payload)).toBe(signature);
      expect(signer.signQuery(payload)).toBe(encodeURIComponent(signature));
    }
  });

  it('gives the project vector of an Ed25519 order over the WebSocket API', () => {
    const params: Params = [
      ['apiKey', '4yNzx3yWC5bS6YTwEkSRaC0nRmSQIIStAUOh1b6kqaBrTLIhjCpI5lJH8q8R8WNO'],
      ['price', '52000.00'],
      ['quantity', '0.01000000'],
      ['recvWindow', '100'],
      ['side', 'SELL'],
      ['symbol', 'BTCUSDT'],
      ['timeInForce', 'GTC'],
      ['timestamp', '1645423376532'],
      ['type', 'LIMIT'],
    ];
    expect(createSigner(pem).signMessage(messagePayload(params))).toBe(
      'Ws+5m/CMnpkko0uBFxGTZ2+fjqqBXsUjRiaz173fPhXTkhoDBYNZ6wcYNeWItdrGn1pvG7vkwx2fhmJdAZ3KDQ==',
    );
  });

  it('signs with an RSA key, PKCS#1 v1.5', () => {
    const pair = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const signer = createSigner(pair.privateKey);
    expect(signer.kind).toBe('rsa');
    const signature = Buffer.from(signer.signMessage('timestamp=1'), 'base64');
    expect(verify('sha256', Buffer.from('timestamp=1'), createPublicKey(pair.publicKey), signature)).toBe(true);
  });

  it('takes a secret for HMAC that only looks like the beginning of a key', () => {
    expect(createSigner('MC4CAQ').kind).toBe('hmac');
    expect(createSigner(`MII${'a'.repeat(61)}`).kind).toBe('hmac');
  });

  it('refuses what cannot be used, and repeats none of it', () => {
    const broken = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----';
    expect(() => createSigner(broken)).toThrow(UnusableSecret);
    expect(() => createSigner(broken)).not.toThrow(/c2Vj/);
    expect(() => createSigner('')).toThrow('the secret is empty');
    const { privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    expect(() => createSigner(privateKey)).toThrow('neither Ed25519 nor RSA');
  });
});
