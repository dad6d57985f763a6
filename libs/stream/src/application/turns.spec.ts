import { describe, expect, it, vi } from 'vitest';
import { Turns } from './turns.js';

describe('turns', () => {
  it('lets other work in between when sending takes long, and gives everybody who asked one turn', async () => {
    let nowMs = 0;
    const turns = new Turns(() => nowMs);
    const log: string[] = [];
    const who = (name: string) => ({
      pump: () => {
        nowMs += 4;
        log.push(name);
      },
    });
    const clients = ['a', 'b', 'c', 'd'].map(who);
    for (const client of [...clients, ...clients]) turns.ask(client);
    setImmediate(() => log.push('other work'));
    await vi.waitFor(() => expect(log).toHaveLength(5));
    expect(log).toEqual(['a', 'b', 'other work', 'c', 'd']);
  });

  it('forgets who has gone', async () => {
    const turns = new Turns(() => 0);
    const gone = { pump: vi.fn<() => void>() };
    const here = { pump: vi.fn<() => void>() };
    turns.ask(gone);
    turns.ask(here);
    turns.forget(gone);
    await vi.waitFor(() => expect(here.pump).toHaveBeenCalledOnce());
    expect(gone.pump).not.toHaveBeenCalled();
  });
});
