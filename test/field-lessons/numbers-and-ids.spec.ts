import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amendForm, BINANCE_CAPABILITIES, createBinanceExchange, placeForm } from '#libs/exchanges/binance';
import { parseLosslessJson } from '#libs/exchanges/transport';
import { decimal, decimalText, isDecimalText, SystemClock, UuidV7Source } from '#libs/kernel';
import { GatewayWorld, orderRequest } from './support/gateway-world.js';

const REPLICAS = 8;
const IDS_EACH = 20_000;

/** Decimal text as people and venues write it: up to 12 digits before the point and 18 behind it. */
const decimals = fc
  .tuple(fc.bigInt({ min: 0n, max: 999_999_999_999n }), fc.option(fc.stringMatching(/^[0-9]{1,18}$/), { nil: null }))
  .map(([whole, fraction]) => (fraction === null ? String(whole) : `${whole}.${fraction}`));

const unpadded = (text: string): string => (text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text);

describe('numbers', () => {
  it('[lesson 34] come back to the last digit, and go to the venue without an exponent or a lost digit', () => {
    const command = {
      kind: 'place',
      symbol: 'BTC/USDT',
      venueClientId: 'x',
      side: 'buy',
      type: 'limit',
      quoteQuantity: null,
      stopPrice: null,
      timeInForce: 'GTC',
      postOnly: false,
    } as const;
    fc.assert(
      fc.property(decimals, decimals, (quantity, price) => {
        expect(decimalText(decimal(quantity))).toBe(unpadded(quantity));
        const form = new URLSearchParams(placeForm({ ...command, quantity: decimal(quantity), price: decimal(price) }, 'BTCUSDT'));
        expect([form.get('quantity'), form.get('price')]).toEqual([unpadded(quantity), unpadded(price)]);
        const { venueClientId, symbol } = command;
        const amend = new URLSearchParams(
          amendForm({ kind: 'amend', symbol, venueClientId, venueOrderId: null, quantity: decimal(quantity) }, 'BTCUSDT'),
        );
        expect(amend.get('newQty')).toBe(unpadded(quantity));
        for (const [, value] of form) expect(/^[\d.]+e/i.test(value)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
    for (const small of ['0.00009', '0.00000001', '2.2504']) expect(decimalText(decimal(small))).toBe(small);
  });

  it('[lesson 34] are never read through a floating-point number on the way from the venue', () => {
    fc.assert(
      fc.property(decimals, (text) => {
        const { value } = parseLosslessJson(`{"value":${unpadded(text)}}`) as { value: unknown };
        expect(typeof value === 'number' ? String(value) : value).toBe(unpadded(text));
        expect(isDecimalText(unpadded(text))).toBe(true);
      }),
    );
    expect(isDecimalText('9e-05')).toBe(false);
  });
});

describe('ids', () => {
  it('[lesson 35] of eight replicas whose clocks stand still at the same moment never collide', () => {
    const frozen = (): number => 1_700_000_000_000;
    const sources = Array.from({ length: REPLICAS }, () => new UuidV7Source(frozen));
    const ids = new Set<string>();
    for (let one = 0; one < IDS_EACH; one += 1) for (const source of sources) ids.add(source.uuid());
    expect(ids.size).toBe(REPLICAS * IDS_EACH);
  });

  it.each([['binance', BINANCE_CAPABILITIES.clientIdPattern]])(
    '[lesson 36] fit the grammar of %s, whatever they are, and lead back to the order',
    async (_venue, grammar) => {
      const exchange = createBinanceExchange({ restUrl: 'http://127.0.0.1:1', wsUrl: 'ws://127.0.0.1:1', clock: new SystemClock() });
      const account = exchange.account('a', { apiKey: 'k', apiSecret: 's' });
      fc.assert(
        fc.property(fc.uuid(), (uuid) => {
          const id = account.venueClientId(uuid);
          expect(id).toMatch(grammar);
          expect(account.uuidOf(id)).toBe(uuid);
        }),
      );
      const ids = new Set(Array.from({ length: 10_000 }, () => account.venueClientId(randomUUID())));
      expect(ids.size).toBe(10_000);
      await exchange.close();
    },
  );

  it('[lesson 36] of clients may be anything: the venue sees only ours, and the journal keeps the pair', async () => {
    const world = await GatewayWorld.open();
    const wild = ['order #1 (café) 注文', 'x'.repeat(64), `a'b"c\\d`, '-_-'];
    for (const clientOrderId of wild) await world.place({ clientOrderId });
    for (const { clientOrderId } of world.atVenue()) expect(clientOrderId).toMatch(BINANCE_CAPABILITIES.clientIdPattern);
    const pairs = new Map(world.orders().map(({ terms }) => [terms.clientOrderId, terms.venueClientId]));
    expect([...pairs.keys()]).toEqual(wild);
    expect([...pairs.values()]).toEqual(world.atVenue().map(({ clientOrderId }) => clientOrderId));
  });

  it('[lesson 37] make one order of fifty equal requests at once, and refuse another body under the same id', async () => {
    const world = await GatewayWorld.open();
    const caller = { apiKeyId: 'k', idempotencyKey: 'key-1', correlationId: null };
    const { submits } = world.replica.parts;
    const request = orderRequest({ clientOrderId: 'storm' });
    const answers = await world.world.time.settle(Promise.all(Array.from({ length: 50 }, () => submits.submit(request, caller))));
    expect(new Set(answers.map((answer) => (answer.ok ? answer.value.order.terms.id : answer.error.code))).size).toBe(1);
    expect([world.posts(), world.atVenue().length]).toEqual([1, 1]);
    const other = await world.world.time.settle(submits.submit({ ...request, quantity: decimal('0.02') }, caller));
    expect(other).toMatchObject({ ok: false, error: { code: 'idempotency-conflict' } });
    // The same after the process has died: the key is bound in the journal.
    await world.restart();
    const again = await world.world.time.settle(world.replica.parts.submits.submit(request, caller));
    expect(again).toMatchObject({ ok: true, value: { replayed: true } });
    expect(world.posts()).toBe(1);
  });
});
