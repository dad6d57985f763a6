import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { repeatEvery, TimerScheduler } from './scheduler.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('repeatEvery', () => {
  it('runs until it is ended, which the task itself may do', () => {
    let turns = 0;
    const stop = repeatEvery(new TimerScheduler(), 10, () => {
      turns += 1;
      if (turns === 3) stop();
    });
    vi.advanceTimersByTime(35);
    expect(turns).toBe(3);
    vi.advanceTimersByTime(100);
    expect(turns).toBe(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on after a task that threw', () => {
    let turns = 0;
    const stop = repeatEvery(new TimerScheduler({ keepsProcessAlive: false }), 10, () => {
      turns += 1;
      if (turns === 1) throw new RangeError('planted');
    });
    expect(() => vi.advanceTimersByTime(10)).toThrow('planted');
    vi.advanceTimersByTime(10);
    expect(turns).toBe(2);
    stop();
  });
});

describe('TimerScheduler', () => {
  it('lets the process end, where it was told to', () => {
    vi.useRealTimers();
    const alive = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = alive();
    const stops = [new TimerScheduler({ keepsProcessAlive: false }).after(60_000, () => undefined)];
    expect(alive()).toBe(before);
    stops.push(new TimerScheduler().after(60_000, () => undefined));
    expect(alive()).toBe(before + 1);
    for (const stop of stops) stop();
  });
});
