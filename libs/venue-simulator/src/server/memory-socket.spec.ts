import { describe, expect, it } from 'vitest';
import { Scheduler } from '#libs/kernel';
import { MemorySocket, type SocketFrame } from './memory-socket.js';

/** Nothing happens before `flush`. */
class Later extends Scheduler {
  private tasks: { readonly task: () => void; readonly delayMs: number }[] = [];

  after(delayMs: number, task: () => void): () => void {
    const entry = { task, delayMs };
    this.tasks.push(entry);
    return () => (this.tasks = this.tasks.filter((one) => one !== entry));
  }

  flush(upToMs = 0): void {
    for (let due = this.due(upToMs); due.length > 0; due = this.due(upToMs)) for (const { task } of due) task();
  }

  private due(upToMs: number): readonly { readonly task: () => void }[] {
    const due = this.tasks.filter(({ delayMs }) => delayMs <= upToMs);
    this.tasks = this.tasks.filter(({ delayMs }) => delayMs > upToMs);
    return due;
  }
}

function pair(passes: (frame: SocketFrame) => boolean = () => true) {
  const scheduler = new Later();
  const sockets = MemorySocket.pair({
    scheduler: () => scheduler,
    carry: (_from, frame, deliver) => {
      if (passes(frame)) scheduler.after(0, deliver);
    },
  });
  const heard: string[] = [];
  for (const [name, socket] of Object.entries(sockets)) {
    for (const event of ['open', 'message', 'ping', 'pong', 'close', 'error']) {
      socket.on(event, (what: unknown) => heard.push(`${name} ${event}${what === undefined ? '' : ` ${String(what)}`}`));
    }
  }
  return { ...sockets, scheduler, heard };
}

describe('a pair of sockets in memory', () => {
  it('says nothing before it is open, then carries messages both ways, and the client answers pings', () => {
    const { client, server, scheduler, heard } = pair();
    client.send('too early');
    client.opened();
    client.send('hello');
    server.send('hi');
    server.ping('1');
    scheduler.flush();
    expect(heard).toEqual(['client open', 'server message hello', 'client message hi', 'client ping 1', 'server pong 1']);
  });

  it('closes with a handshake: both hear the code, and nothing is sent any more', () => {
    const { client, server, scheduler, heard } = pair();
    client.opened();
    server.close(1008);
    server.send('too late');
    scheduler.flush();
    expect(heard).toEqual(['client open', 'client close 1008', 'server close 1008']);
    expect([client.readyState, server.readyState]).toEqual([3, 3]);
  });

  it('is cut on both sides by one of them', () => {
    const { client, scheduler, heard } = pair();
    client.opened();
    client.terminate();
    scheduler.flush();
    expect(heard.slice(1).toSorted()).toEqual(['client close 1006', 'server close 1006']);
  });

  it('waits for a goodbye that does not come, and no longer than half a minute', () => {
    const { client, scheduler, heard } = pair((frame) => frame.kind !== 'close');
    client.opened();
    client.close(1000);
    scheduler.flush(29_999);
    expect(heard).toEqual(['client open']);
    scheduler.flush(30_000);
    expect(heard).toContain('client close 1006');
  });

  it('that is given up while it connects tells an error and the end', () => {
    const { client, scheduler, heard } = pair();
    client.terminate();
    scheduler.flush();
    client.opened();
    expect(heard.filter((line) => line.startsWith('client'))).toEqual(['client error Error: the socket failed', 'client close 1006']);
  });
});
