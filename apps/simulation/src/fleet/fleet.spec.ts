import { describe, expect, it } from 'vitest';
import { decimal } from '#libs/kernel';
import type { OrderRequest } from '#libs/orders';
import { Fleet } from './fleet.js';

const LIMIT: OrderRequest = {
  account: 'main',
  symbol: 'BTC/USDT',
  side: 'buy',
  type: 'limit',
  timeInForce: 'GTC',
  quantity: decimal('0.01'),
  quoteQuantity: null,
  price: decimal('60000'),
  stopPrice: null,
  expiresAtMs: null,
  clientOrderId: 'first',
  postOnly: false,
  reduceOnly: false,
  onNotCreated: 'reject',
  resubmitUntilMs: null,
};

function calmFleet(): Fleet {
  return new Fleet({ seed: 1, accounts: ['main'], replicas: 2, chances: {}, databaseChances: {}, crashChance: 0 });
}

describe('a fleet on virtual time', () => {
  it('gives the account to one replica, which takes an order and places it once', async () => {
    const fleet = calmFleet();
    const { time, venue } = fleet.world;
    await time.run(() => fleet.replicas.some((replica) => replica.holds('main')), { untilMs: 60_000 });
    const owners = fleet.replicas.filter((replica) => replica.holds('main'));
    expect(owners).toHaveLength(1);
    const result = await time.settle(owners[0]!.parts.submits.submit(LIMIT, { apiKeyId: 'k', idempotencyKey: null, correlationId: null }), {
      untilMs: 120_000,
    });
    expect(result).toMatchObject({ ok: true, value: { order: { status: 'new' } } });
    expect(venue.exchange.orders('main', null)).toHaveLength(1);
  });

  it('takes an account over when its owner dies', async () => {
    const fleet = calmFleet();
    const { time } = fleet.world;
    const owner = () => fleet.replicas.findIndex((replica) => replica.holds('main'));
    await time.run(() => owner() >= 0, { untilMs: 60_000 });
    const first = owner();
    const diedAtMs = time.elapsedMs;
    fleet.kill(first);
    await time.run(() => owner() >= 0 && owner() !== first, { untilMs: diedAtMs + 25_000 });
    expect(owner()).toBe(1 - first);
    expect(fleet.database.gates.get('main')!.token).toBe(2);
  });
});
