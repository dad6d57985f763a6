import { describe, expect, it } from 'vitest';
import { VirtualTime } from './virtual-time.js';

describe('VirtualTime', () => {
  it('carries tasks out by time, then by age, and stands at the moment asked for', async () => {
    const time = new VirtualTime(1_000);
    const heard: string[] = [];
    const { scheduler } = time.world;
    scheduler.after(20, () => heard.push('c'));
    scheduler.after(10, () => heard.push('a'));
    scheduler.after(10, () => heard.push('b'));
    scheduler.after(5, () => heard.push('never'))();
    expect(await time.run(15)).toBe('time');
    expect(heard).toEqual(['a', 'b']);
    expect([time.elapsedMs, time.nowMs]).toEqual([15, 1_015]);
    expect(await time.run(() => false)).toBe('idle');
    expect(heard).toEqual(['a', 'b', 'c']);
  });

  it('finishes all promise work of a task before the next one at the same moment', async () => {
    const time = new VirtualTime();
    const heard: string[] = [];
    const deep = async (name: string): Promise<void> => {
      for (let turn = 0; turn < 200; turn += 1) await Promise.resolve();
      await new Promise<void>((resolve) => process.nextTick(resolve));
      heard.push(name);
    };
    for (const name of ['a', 'b', 'c']) time.world.scheduler.after(1, () => void deep(name));
    time.world.scheduler.after(1, () => heard.push('end'));
    await time.run(2);
    expect(heard).toEqual(['a', 'b', 'c', 'end']);
  });

  it('looks at a condition after every task, and ends circles by their number of tasks', async () => {
    const time = new VirtualTime();
    let count = 0;
    const again = (): void => {
      count += 1;
      time.world.scheduler.after(0, again);
    };
    again();
    expect(await time.run(() => count === 500)).toBe('condition');
    expect(count).toBe(500);
    expect(await time.run(() => false, { tasksMax: 100 })).toBe('tasks');
    expect(time.tasks).toBe(599);
  });

  it('ends with the error of a task', async () => {
    const time = new VirtualTime();
    time.world.scheduler.after(1, () => {
      throw new RangeError('planted');
    });
    await expect(time.run(5)).rejects.toThrow('planted');
    expect(await time.run(5)).toBe('time');
  });

  it('settles a promise that waits for virtual time, and says so where nothing can settle it', async () => {
    const time = new VirtualTime();
    expect(await time.settle(new Promise<string>((resolve) => void time.world.scheduler.after(7, () => resolve('here'))))).toBe('here');
    await expect(time.settle(new Promise(() => undefined))).rejects.toThrow('idle');
  });

  it('carries a hundred thousand tasks out, most of them cancelled, in order', async () => {
    const time = new VirtualTime();
    let last = -1;
    let performed = 0;
    for (let number = 0; number < 100_000; number += 1) {
      const cancel = time.world.scheduler.after((number * 7_919) % 10_007, () => {
        expect(time.elapsedMs >= last).toBe(true);
        last = time.elapsedMs;
        performed += 1;
      });
      if (number % 5 !== 0) cancel();
    }
    await time.run(() => false);
    expect(performed).toBe(20_000);
  });
});

describe('a virtual process', () => {
  it('that is killed never does anything again', async () => {
    const time = new VirtualTime();
    const process = time.process('a');
    const heard: string[] = [];
    process.onKill(() => heard.push('killed'));
    process.scheduler.after(5, () => heard.push('fired'));
    process.kill();
    process.kill();
    process.scheduler.after(1, () => heard.push('fired'));
    process.resume();
    await time.run(10);
    expect(heard).toEqual(['killed']);
  });

  it('that was paused does late what fell due, in its order, but for what was cancelled', async () => {
    const time = new VirtualTime();
    const process = time.process('a');
    const heard: string[] = [];
    process.scheduler.after(5, () => heard.push(`first at ${time.elapsedMs}`));
    const cancel = process.scheduler.after(6, () => heard.push('cancelled'));
    process.scheduler.after(7, () => heard.push('second'));
    process.scheduler.after(200, () => heard.push(`on time at ${time.elapsedMs}`));
    process.pause();
    time.world.scheduler.after(100, () => {
      cancel();
      process.resume();
    });
    await time.run(300);
    expect(heard).toEqual(['first at 100', 'second', 'on time at 200']);
  });

  it('has a wall clock that jumps and a monotonic one that does not', async () => {
    const time = new VirtualTime(10_000);
    const process = time.process('a', 250);
    process.jumpWallClock(-5_000);
    await time.run(40);
    expect([process.clock.nowMs(), process.clock.monotonicMs()]).toEqual([5_290, 40]);
    expect(time.nowMs).toBe(10_040);
  });
});
