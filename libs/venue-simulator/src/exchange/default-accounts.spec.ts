import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { expect, it } from 'vitest';
import { decimalText } from '#libs/kernel';
import { createSimulatedExchange } from './exchange.js';
import { TEST_START_MS, balanceText } from './testing.js';

const accountsOf = (seed: number) => createSimulatedExchange({ seed, startMs: TEST_START_MS, marketMakers: false }).accounts();

it('gives an account the same keys in every world, so that a client goes on after a reset, and no two accounts alike', () => {
  expect(accountsOf(1)).toEqual(accountsOf(2));
  const texts = accountsOf(1).flatMap((account) => [account.apiKey, account.apiSecret]);
  expect(new Set(texts).size).toBe(4);
  for (const text of texts) expect(text).toMatch(/^Sandbox(Key|Secret)[A-Za-z0-9]+$/);
  for (const text of texts) expect(text).toHaveLength(64);
});

it('gives each account an Ed25519 pair that signs and verifies', () => {
  const [account] = accountsOf(1);
  const payload = Buffer.from('payload');
  const signature = sign(null, payload, createPrivateKey(account!.ed25519PrivateKey!));
  expect(verify(null, payload, createPublicKey(account!.ed25519PublicKey!), signature)).toBe(true);
});

it('finds an account by its key, and funds it richly', () => {
  const exchange = createSimulatedExchange({ seed: 1, startMs: TEST_START_MS, marketMakers: false });
  const [first, second] = exchange.accounts();
  expect([first!.name, second!.name]).toEqual(['binance-sim', 'binance-sim-2']);
  expect(exchange.accountByKey(second!.apiKey)).toBe(second);
  expect(exchange.accountByKey('no such key')).toBeUndefined();
  expect([balanceText(exchange, 'binance-sim', 'USDT'), balanceText(exchange, 'binance-sim', 'BTC')]).toEqual(['1000000/0', '20/0']);
});

it('has realistic rules in every market, and seed prices on the tick', () => {
  for (const market of createSimulatedExchange({ seed: 1, startMs: TEST_START_MS, marketMakers: false }).markets()) {
    expect(decimalText(market.seedPrice.mod(market.priceTick)), market.symbol).toBe('0');
    expect(market.priceTick.times(market.quantityStep).lt(market.notionalMin), market.symbol).toBe(true);
  }
});
