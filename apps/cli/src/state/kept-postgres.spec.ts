import type { EmbeddedPostgres, PostmasterState } from '#libs/database';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeptPostgres } from './kept-postgres.js';
import { FAILURES_MAX } from './restart-policy.js';

/** Timers of Node's promises API are not faked: they are replaced by those that are. */
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, _value: unknown, options?: { signal?: AbortSignal }) =>
    new Promise<void>((resolve, reject) => {
      if (options?.signal?.aborted === true) return reject(new Error('aborted'));
      const timer = setTimeout(resolve, ms);
      options?.signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(new Error('aborted'));
      });
    }),
}));

class FakeServer implements EmbeddedPostgres {
  readonly url = 'postgres://breakwater:secret@127.0.0.1:5/breakwater';
  readonly port = 5;
  readonly fresh = false;
  readonly adopted = false;
  current: PostmasterState = 'running';
  constructor(readonly pid: number) {}
  state = () => this.current;
  stop = vi.fn<() => Promise<void>>(async () => undefined);
}

describe('a server that is kept running', () => {
  let said: string[];
  let servers: FakeServer[];
  let start: (signal: AbortSignal) => Promise<EmbeddedPostgres>;
  const stopAny = vi.fn<() => Promise<void>>(async () => undefined);
  const news = {
    lost: (what: string) => void said.push(`lost: ${what}`),
    failed: (reason: string, pauseMs: number) => void said.push(`failed: ${reason}, ${pauseMs}`),
    back: () => void said.push('back'),
  };

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    said = [];
    servers = [new FakeServer(1)];
    stopAny.mockClear();
    start = async () => {
      const server = new FakeServer(servers.length + 1);
      servers.push(server);
      return server;
    };
  });
  afterEach(() => vi.useRealTimers());

  const kept = () => new KeptPostgres(servers[0]!, { start: (signal) => start(signal), stopAny });

  it('is started again when its process is gone, each time', async () => {
    const keeper = kept();
    void keeper.keep(news);
    for (const index of [0, 1]) {
      servers[index]!.current = 'gone';
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(said).toEqual(['lost: its process 1 is gone', 'back', 'lost: its process 2 is gone', 'back']);
    await keeper.stop();
  });

  it('is helped to its end when someone asked it to stop, and then started again', async () => {
    const keeper = kept();
    void keeper.keep(news);
    servers[0]!.current = 'stopping';
    await vi.advanceTimersByTimeAsync(500);
    expect(stopAny).toHaveBeenCalledOnce();
    expect(said).toEqual(['lost: its process 1 was asked to stop', 'back']);
    await keeper.stop();
  });

  it('is given up when it will not start, with the last reason', async () => {
    start = () => Promise.reject(new Error('disk is full'));
    const given = kept().keep(news);
    servers[0]!.current = 'gone';
    await vi.advanceTimersByTimeAsync(120_000);
    expect(await given).toBe('disk is full');
    expect(said).toHaveLength(FAILURES_MAX);
    expect(said[1]).toBe('failed: disk is full, 250');
  });

  it('is given up when it starts and dies again and again', async () => {
    start = async () => {
      const server = new FakeServer(9);
      server.current = 'gone';
      return server;
    };
    const given = kept().keep(news);
    servers[0]!.current = 'gone';
    await vi.advanceTimersByTimeAsync(120_000);
    expect(await given).toBe('it ends again and again');
  });

  it('stays stopped when it is stopped in the middle of a restart', async () => {
    let aborted = false;
    start = (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          reject(new Error('given up'));
        });
      });
    const keeper = kept();
    void keeper.keep(news);
    servers[0]!.current = 'gone';
    await vi.advanceTimersByTimeAsync(500);
    await keeper.stop();
    expect({ aborted, said }).toEqual({ aborted: true, said: ['lost: its process 1 is gone'] });
    expect(stopAny).toHaveBeenCalledOnce();
  });

  it('is simply stopped where nobody keeps it', async () => {
    await kept().stop();
    expect(servers[0]!.stop).toHaveBeenCalledOnce();
  });
});
