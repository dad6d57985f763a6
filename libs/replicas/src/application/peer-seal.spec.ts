import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { PeerSeal } from './peer-seal.js';

const NOW_MS = 1_700_000_000_000;
const seal = new PeerSeal(randomBytes(32));
const request = { method: 'POST', path: '/v1/orders?x=1', authorization: 'Bearer bw_1' };
const made = seal.make({ ...request, clientAddress: '10.0.0.7' }, NOW_MS);

it('tells the client address of a request that a replica handed on', () => {
  expect(seal.open(made, request, NOW_MS + 20)).toBe('10.0.0.7');
  expect(seal.open(seal.make({ ...request, clientAddress: '::ffff:10.0.0.7' }, NOW_MS), request, NOW_MS)).toBe('::ffff:10.0.0.7');
});

it('opens for no other key, route, method, address, time or secret', () => {
  expect(seal.open(made, { ...request, authorization: 'Bearer bw_2' }, NOW_MS)).toBeNull();
  expect(seal.open(made, { ...request, path: '/v1/orders' }, NOW_MS)).toBeNull();
  expect(seal.open(made, { ...request, method: 'DELETE' }, NOW_MS)).toBeNull();
  expect(seal.open(made.replace('10.0.0.7', '10.0.0.8'), request, NOW_MS)).toBeNull();
  expect(seal.open(made, request, NOW_MS + 30_001)).toBeNull();
  expect(seal.open(made, request, NOW_MS - 30_001)).toBeNull();
  expect(new PeerSeal(randomBytes(32)).open(made, request, NOW_MS)).toBeNull();
});

it('is not fooled by text that is no seal', () => {
  for (const text of ['', '1', `${NOW_MS} 10.0.0.7 `, `${NOW_MS} 10.0.0.7 ${'A'.repeat(43)}`])
    expect(seal.open(text, request, NOW_MS)).toBeNull();
});
