import { ProblemException } from '#libs/http';
import { UuidV7Source, decimal } from '#libs/kernel';
import type { AccountRouting, HandedOn, Instead } from '#libs/replicas';
import type { FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import type { OrderReader } from '../application/order-reader.js';
import { fingerprintOf } from '../application/order-request.js';
import type { OrderRequest } from '../application/order-request.js';
import type { OrderState } from '../domain/index.js';
import { OrderRouting } from './order-routing.js';
import { orderRequestSchema } from './order.schemas.js';

const RAW = { account: 'one', symbol: 'BTC/USDT', side: 'buy', type: 'limit', quantity: '0.001', price: '50000' };
const ORDER: OrderRequest = orderRequestSchema.parse(RAW);
const REQUEST = {} as FastifyRequest;

interface Given {
  readonly outcome: HandedOn;
  readonly stored?: { readonly key: string | null; readonly clientOrderId?: string; readonly of: OrderRequest };
}

/** A routing that ends as given, and a journal that holds at most one order. `sent` is what was handed on. */
function routingOf({ outcome, stored }: Given): { routing: OrderRouting; sent: Instead[] } {
  const sent: Instead[] = [];
  const accounts: Pick<AccountRouting, 'isHere' | 'handOn'> = {
    isHere: () => false,
    handOn: (_request, _account, isRepeatable, instead) => {
      expect(isRepeatable).toBe(true);
      sent.push(instead!);
      return Promise.resolve(outcome);
    },
  };
  const state = stored === undefined ? null : ({ terms: { id: 'x', fingerprint: fingerprintOf(stored.of) } } as unknown as OrderState);
  const reader: Pick<OrderReader, 'byIdempotencyKey' | 'byClientOrderId'> = {
    byIdempotencyKey: (_account, key) => Promise.resolve(stored?.key === null || stored?.key === key ? state : null),
    byClientOrderId: (_account, id) => Promise.resolve(stored?.clientOrderId === id ? state : null),
  };
  return { routing: new OrderRouting(accounts as AccountRouting, reader as OrderReader, new UuidV7Source()), sent };
}

async function problemOf(work: Promise<unknown>): Promise<ProblemException> {
  const problem = await work.catch((error: unknown) => error);
  if (!(problem instanceof ProblemException)) throw new Error('no problem');
  return problem;
}

it('keeps the keys of the client, and makes one where there is none', async () => {
  const { routing, sent } = routingOf({ outcome: { kind: 'here' } });
  expect(await routing.route(REQUEST, RAW, ORDER, 'mine')).toEqual({ kind: 'here', idempotencyKey: 'mine' });
  expect(await routing.route(REQUEST, RAW, { ...ORDER, clientOrderId: 'c' }, null)).toEqual({ kind: 'here', idempotencyKey: null });
  const made = await routing.route(REQUEST, RAW, ORDER, null);
  expect(made).toEqual({ kind: 'here', idempotencyKey: expect.stringMatching(/^handed-on-/) as string });
  expect(sent.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['mine', null, (made as { idempotencyKey: string }).idempotencyKey]);
  expect(sent[2]).toMatchObject({ method: 'POST', path: '/v1/orders', body: RAW });
});

it('answers with the order that the journal holds under the key when the holder did not answer', async () => {
  const open = { kind: 'open' } as const;
  const byKey = routingOf({ outcome: open, stored: { key: 'mine', of: ORDER } });
  expect(await byKey.routing.route(REQUEST, RAW, ORDER, 'mine')).toMatchObject({ kind: 'found' });
  const madeKey = routingOf({ outcome: open, stored: { key: null, of: ORDER } });
  expect(await madeKey.routing.route(REQUEST, RAW, ORDER, null)).toMatchObject({ kind: 'found' });
  const named = { ...ORDER, clientOrderId: 'c' };
  const byName = routingOf({ outcome: open, stored: { key: 'another', clientOrderId: 'c', of: named } });
  expect(await byName.routing.route(REQUEST, RAW, named, null)).toMatchObject({ kind: 'found' });
});

it('tells the key to repeat it under where neither holder nor journal knows', async () => {
  const { routing, sent } = routingOf({ outcome: { kind: 'open' } });
  const problem = await problemOf(routing.route(REQUEST, RAW, ORDER, null));
  const key = sent[0]?.idempotencyKey;
  expect(problem).toMatchObject({ code: 'unknown-outcome', status: 504, options: { headers: { 'Idempotency-Key': key } } });
  expect(problem.detail).toContain(key);
  const named = await problemOf(routing.route(REQUEST, RAW, { ...ORDER, clientOrderId: 'c' }, null));
  expect(named.detail).toContain('the same clientOrderId');
});

it('never takes an order of another body for this one', async () => {
  const { routing } = routingOf({ outcome: { kind: 'open' }, stored: { key: 'mine', of: { ...ORDER, quantity: decimal('2') } } });
  expect(await problemOf(routing.route(REQUEST, RAW, ORDER, 'mine'))).toMatchObject({ code: 'idempotency-conflict', status: 409 });
});

it('says that nothing was sent where no connection could be made', async () => {
  const { routing } = routingOf({ outcome: { kind: 'not-sent' } });
  expect(await problemOf(routing.route(REQUEST, RAW, ORDER, 'mine'))).toMatchObject({ code: 'not-ready', status: 503 });
});
