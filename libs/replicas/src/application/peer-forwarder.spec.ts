import { ManualClock } from '#libs/kernel';
import { AccountLeases } from '#libs/leases';
import type { Lease, LeaseHolder } from '#libs/leases';
import { ManualScheduler } from '#testing/leases';
import { beforeEach, describe, expect, it } from 'vitest';
import { PeerClient, PeerFault } from './peer-client.js';
import type { PeerAnswer } from './peer-client.js';
import { PeerForwarder } from './peer-forwarder.js';
import type { HandedOn } from './peer-forwarder.js';

class KnownLeases extends AccountLeases {
  lease: Lease | null = null;
  known: LeaseHolder | null = { owner: 'b', url: 'http://b', isOurs: false };

  current(): Lease | null {
    return this.lease;
  }

  holder(): LeaseHolder | null {
    return this.known;
  }

  want(): void {}
  onChange(): void {}

  releaseAll(): Promise<void> {
    return Promise.resolve();
  }
}

/** Answers in the order given; the last one stays. */
class ScriptedClient extends PeerClient {
  readonly urls: string[] = [];
  script: (() => Promise<PeerAnswer>)[] = [];

  send(url: string): Promise<PeerAnswer> {
    this.urls.push(url);
    const [next] = this.script.length > 1 ? this.script.splice(0, 1) : this.script;
    return next!();
  }
}

const REQUEST = { method: 'POST', path: '/v1/orders', body: '{}', headers: {} };
const answer = (status: number, code = ''): PeerAnswer => ({ status, headers: {}, body: JSON.stringify({ code }) });
const says = (given: PeerAnswer) => () => Promise.resolve(given);
const fails = (isSent: boolean) => () => Promise.reject(new PeerFault(isSent));

let leases: KnownLeases;
let client: ScriptedClient;
let scheduler: ManualScheduler;
let forwarder: PeerForwarder;

beforeEach(() => {
  const clock = new ManualClock();
  leases = new KnownLeases();
  client = new ScriptedClient();
  scheduler = new ManualScheduler(clock);
  forwarder = new PeerForwarder(leases, client, clock, scheduler, 6_000);
});

async function handOn(isRepeatable = true, meanwhile: () => void = () => undefined): Promise<HandedOn> {
  const outcome = forwarder.handOn({ account: 'one', request: REQUEST, isRepeatable });
  await scheduler.pass(1_000);
  meanwhile();
  await scheduler.pass(10_000);
  return outcome;
}

describe('a request for an account that another replica holds', () => {
  it('gets the holder’s answer as it is', async () => {
    client.script = [says(answer(422, 'filter-violation'))];
    expect(await handOn()).toEqual({ kind: 'answered', answer: answer(422, 'filter-violation') });
    expect(client.urls).toEqual(['http://b']);
  });

  it('is for us where we hold the account, or nobody, or one that cannot be reached by others', () => {
    expect(forwarder.isHere('one')).toBe(false);
    leases.known = { owner: 'b', url: null, isOurs: false };
    expect(forwarder.isHere('one')).toBe(true);
    leases.known = null;
    expect(forwarder.isHere('one')).toBe(true);
    leases.known = { owner: 'b', url: 'http://b', isOurs: false };
    leases.lease = { account: 'one', token: 1 };
    expect(forwarder.isHere('one')).toBe(true);
  });

  it('is repeated while the holder starts or stops, and follows the account to its next holder', async () => {
    client.script = [says(answer(503, 'draining')), says(answer(503, 'draining')), says(answer(201))];
    expect(await handOn()).toEqual({ kind: 'answered', answer: answer(201) });
    client.script = [says(answer(503, 'not-ready'))];
    const moved = await handOn(true, () => {
      leases.known = { owner: 'c', url: 'http://c', isOurs: false };
      client.script = [says(answer(201))];
    });
    expect(moved).toMatchObject({ kind: 'answered', answer: { status: 201 } });
    expect(client.urls.at(-1)).toBe('http://c');
  });

  it('gets the holder’s own refusal when that does not change before the deadline', async () => {
    client.script = [says(answer(503, 'not-ready'))];
    expect(await handOn()).toEqual({ kind: 'answered', answer: answer(503, 'not-ready') });
  });

  it('is not repeated after any other refusal, even one with status 503', async () => {
    client.script = [says(answer(503, 'kill-switch-engaged')), says(answer(201))];
    expect(await handOn()).toMatchObject({ answer: { status: 503 } });
    expect(client.urls).toHaveLength(1);
  });

  it('was not sent where no connection was made until the deadline', async () => {
    client.script = [fails(false)];
    expect(await handOn(false)).toEqual({ kind: 'not-sent' });
    expect(client.urls.length).toBeGreaterThan(10);
  });

  it('is repeated after a broken connection only where that is safe', async () => {
    client.script = [fails(true), says(answer(201))];
    expect(await handOn(true)).toMatchObject({ kind: 'answered' });
    client.urls.length = 0;
    client.script = [fails(true), says(answer(201))];
    expect(await handOn(false)).toEqual({ kind: 'open' });
    expect(client.urls).toHaveLength(1);
  });

  it('stays open when it may have been done: a later refusal or a dead holder does not prove the contrary', async () => {
    client.script = [fails(true), says(answer(503, 'not-ready'))];
    expect(await handOn()).toEqual({ kind: 'open' });
    client.script = [fails(true), fails(false)];
    expect(await handOn(true, () => (leases.known = null))).toEqual({ kind: 'open' });
  });

  it('becomes ours under the same key when we take the account over meanwhile', async () => {
    client.script = [fails(true)];
    expect(await handOn(true, () => (leases.lease = { account: 'one', token: 2 }))).toEqual({ kind: 'here' });
  });

  it('gives up earlier where there is another way to an answer', async () => {
    client.script = [fails(false)];
    const outcome = forwarder.handOn({ account: 'one', request: REQUEST, isRepeatable: false, withinMs: 500 });
    await scheduler.pass(500);
    expect(await outcome).toEqual({ kind: 'not-sent' });
    expect(client.urls.length).toBeLessThanOrEqual(5);
  });

  it('counts a fault of an unknown kind as sent', async () => {
    client.script = [() => Promise.reject(new Error('a bug'))];
    expect(await handOn(false)).toEqual({ kind: 'open' });
  });
});
