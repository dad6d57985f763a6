import { ManualClock } from '#libs/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { DoubleLeaseStore, ManualScheduler } from '../testing.js';
import { LEASE_DEFAULTS, LeaseKeeper } from './lease-keeper.js';

let clock: ManualClock;
let scheduler: ManualScheduler;
let store: DoubleLeaseStore;

function keeperOf(owner: string): { keeper: LeaseKeeper; told: string[] } {
  const log = { info: () => undefined, warn: () => undefined };
  const options = { ...LEASE_DEFAULTS, owner, ownerUrl: () => `http://${owner}` };
  const keeper = new LeaseKeeper({ store, clock, scheduler, log }, options);
  const told: string[] = [];
  keeper.onChange((account, change) => told.push(`${change} ${account}`));
  return { keeper, told };
}

beforeEach(() => {
  clock = new ManualClock();
  scheduler = new ManualScheduler(clock);
  store = new DoubleLeaseStore(clock);
});

describe('a replica that wants an account', () => {
  it('takes it when it is free and keeps it by renewing all in one statement', async () => {
    const { keeper, told } = keeperOf('a');
    keeper.want('one', 'binance');
    keeper.want('two', 'binance');
    keeper.want('two', 'binance');
    expect(keeper.current('one')).toBeNull();
    await scheduler.pass(0);
    expect(keeper.current('one')).toMatchObject({ account: 'one', token: 1 });
    expect(keeper.holder('one')).toEqual({ owner: 'a', url: 'http://a', isOurs: true });
    await scheduler.pass(60_000);
    expect(keeper.current('two')?.token).toBe(1);
    expect(told).toEqual(['gained one', 'gained two']);
    expect(store.calls.filter((call) => call === 'acquire')).toHaveLength(1);
    expect(store.calls.filter((call) => call === 'renew')).toHaveLength(20);
  });

  it('waits while another holds it, says who, and takes over when that one is no longer heard of', async () => {
    const first = keeperOf('a');
    const second = keeperOf('b');
    first.keeper.want('one', 'binance');
    await scheduler.pass(0);
    second.keeper.want('one', 'binance');
    await scheduler.pass(30_000);
    expect(second.keeper.current('one')).toBeNull();
    expect(second.keeper.holder('one')).toEqual({ owner: 'a', url: 'http://a', isOurs: false });
    await first.keeper.releaseAll();
    await scheduler.pass(1_000);
    expect(second.keeper.current('one')?.token).toBe(2);
    expect(first.told).toEqual(['gained one', 'lost one']);
  });

  it('takes over at once what an earlier process of the same name held', async () => {
    keeperOf('a').keeper.want('one', 'binance');
    await scheduler.pass(0);
    const { keeper } = keeperOf('a');
    keeper.want('one', 'binance');
    await scheduler.pass(0);
    expect(keeper.current('one')?.token).toBe(2);
  });

  it('does not take a second time what another took over from it: it waits', async () => {
    const { keeper, told } = keeperOf('a');
    keeper.want('one', 'binance');
    await scheduler.pass(0);
    store.rows.set('one', { owner: 'b', url: null, token: 2, expiresMs: clock.nowMs() + 20_000 });
    await scheduler.pass(3_000);
    expect(told).toEqual(['gained one', 'lost one']);
    await scheduler.pass(1_000);
    expect(keeper.holder('one')).toEqual({ owner: 'b', url: null, isOurs: false });
    await scheduler.pass(20_000);
    expect(keeper.current('one')?.token).toBe(3);
  });
});

describe('a lease that is not renewed', () => {
  it('ends by our own clock two seconds before the database ends it, and is wanted again', async () => {
    const { keeper, told } = keeperOf('a');
    keeper.want('one', 'binance');
    await scheduler.pass(0);
    store.mode = 'down';
    await scheduler.pass(7_999);
    expect(keeper.current('one')).not.toBeNull();
    await scheduler.pass(1);
    expect(told).toEqual(['gained one', 'lost one']);
    expect(keeper.current('one')).toBeNull();
    store.mode = 'up';
    await scheduler.pass(1_000);
    expect(keeper.current('one')?.token).toBe(2);
    expect(told).toEqual(['gained one', 'lost one', 'gained one']);
  });

  it('is not kept alive by statements whose answers are lost', async () => {
    const { keeper } = keeperOf('a');
    keeper.want('one', 'binance');
    await scheduler.pass(0);
    store.mode = 'silent';
    await scheduler.pass(8_000);
    expect(keeper.current('one')).toBeNull();
  });

  it('survives one failed renewal', async () => {
    const { keeper, told } = keeperOf('a');
    keeper.want('one', 'binance');
    await scheduler.pass(0);
    store.mode = 'down';
    await scheduler.pass(4_500);
    store.mode = 'up';
    await scheduler.pass(60_000);
    expect(keeper.current('one')?.token).toBe(1);
    expect(told).toEqual(['gained one']);
  });
});

describe('a process that was paused', () => {
  it('is told at its first question that the lease has gone, before any timer has had its turn', async () => {
    const { keeper, told } = keeperOf('a');
    keeper.want('one', 'binance');
    keeper.want('two', 'binance');
    await scheduler.pass(0);
    clock.advance(15_000);
    expect(keeper.current('one')).toBeNull();
    expect(told.slice(2)).toEqual(['lost one', 'lost two']);
    await scheduler.pass(0);
    expect(keeper.current('one')?.token).toBe(2);
  });

  it('counts from before the statement was sent, so that an answer after the pause gives nothing', async () => {
    const { keeper, told } = keeperOf('a');
    const acquire = store.acquire.bind(store);
    store.acquire = async (...given) => {
      const granted = await acquire(...given);
      clock.advance(9_000);
      store.acquire = acquire;
      return granted;
    };
    keeper.want('one', 'binance');
    await scheduler.pass(0);
    expect(keeper.current('one')).toBeNull();
    expect(told).toEqual([]);
    await scheduler.pass(1_000);
    expect(keeper.current('one')?.token).toBe(2);
  });
});

describe('giving everything back', () => {
  it('tells what was lost, lets another take over within a second, and wants nothing afterwards', async () => {
    const first = keeperOf('a');
    first.keeper.want('one', 'binance');
    await scheduler.pass(0);
    await first.keeper.releaseAll();
    expect(first.told).toEqual(['gained one', 'lost one']);
    const second = keeperOf('b');
    second.keeper.want('one', 'binance');
    await scheduler.pass(0);
    expect(second.keeper.current('one')?.token).toBe(2);
    first.keeper.want('one', 'binance');
    await scheduler.pass(60_000);
    expect(first.keeper.current('one')).toBeNull();
    expect(first.told).toHaveLength(2);
  });

  it('gives back what was being taken at that moment', async () => {
    const { keeper, told } = keeperOf('a');
    keeper.want('one', 'binance');
    const taking = scheduler.pass(0);
    await Promise.resolve();
    await Promise.all([keeper.releaseAll(), taking]);
    await scheduler.pass(0);
    expect([...store.rows.values()].every((row) => row.expiresMs <= clock.nowMs())).toBe(true);
    expect(told.filter((line) => line.startsWith('gained')).length).toBe(told.filter((line) => line.startsWith('lost')).length);
  });

  it('does not hang on a database that does not answer', async () => {
    const { keeper } = keeperOf('a');
    keeper.want('one', 'binance');
    await scheduler.pass(0);
    store.mode = 'silent';
    let done = false;
    void keeper.releaseAll().then(() => (done = true));
    await scheduler.pass(2_000);
    expect(done).toBe(true);
  });
});

it('goes on when a listener fails', async () => {
  const { keeper } = keeperOf('a');
  const heard: string[] = [];
  keeper.onChange(() => {
    throw new Error('a bug');
  });
  keeper.onChange((account) => heard.push(account));
  keeper.want('one', 'binance');
  await scheduler.pass(0);
  expect(heard).toEqual(['one']);
});
