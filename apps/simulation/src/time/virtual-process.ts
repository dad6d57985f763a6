import { Clock, invariant, Scheduler } from '#libs/kernel';
import type { TaskQueue, TimedTask } from './task-queue.js';

/** What a process needs of the time it lives in. */
export interface TimeSource {
  readonly elapsedMs: number;
  readonly startMs: number;
  readonly queue: TaskQueue<VirtualProcess>;
}

/**
 * One process on virtual time: a clock, timers, and the ways in which processes fail. Everything that a process does it does in a task
 * of its own scheduler; so what is to be dropped with it, or late with it, must be brought to it through that scheduler.
 */
export class VirtualProcess {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  private condition: 'running' | 'paused' | 'dead' = 'running';
  private readonly held: (() => void)[] = [];
  private readonly killListeners: (() => void)[] = [];

  /** @param wallOffsetMs how far this process's wall clock is ahead of true time, ms. */
  constructor(
    readonly name: string,
    private readonly time: TimeSource,
    private wallOffsetMs = 0,
  ) {
    this.clock = new ProcessClock(time, () => this.wallOffsetMs);
    this.scheduler = new ProcessScheduler(time, this);
  }

  get state(): 'running' | 'paused' | 'dead' {
    return this.condition;
  }

  /** Its timers never fire again, and it can set no new ones. The outside hears of it; its own code does not. */
  kill(): void {
    if (this.condition === 'dead') return;
    this.condition = 'dead';
    this.held.length = 0;
    for (const listener of this.killListeners) listener();
  }

  /** Hears of the kill at once: sockets are cut, locks are freed. */
  onKill(listener: () => void): void {
    this.killListeners.push(listener);
  }

  /** Stands still, as under SIGSTOP or a long collection: what falls due meanwhile happens at `resume`, in the order of falling due. */
  pause(): void {
    if (this.condition === 'running') this.condition = 'paused';
  }

  resume(): void {
    if (this.condition !== 'paused') return;
    this.condition = 'running';
    for (const run of this.held) this.time.queue.add(this.time.elapsedMs, this, run);
    this.held.length = 0;
  }

  /** Sets the wall clock forward or back. The monotonic clock goes on as it was. */
  jumpWallClock(byMs: number): void {
    this.wallOffsetMs += byMs;
  }

  /** Carries out a task that is due, or keeps it, or drops it. @returns whether it ran. */
  perform(task: TimedTask<VirtualProcess>): boolean {
    if (this.condition === 'running') {
      task.run();
      return true;
    }
    if (this.condition === 'paused') this.held.push(task.run);
    return false;
  }
}

class ProcessClock extends Clock {
  constructor(
    private readonly time: TimeSource,
    private readonly offsetMs: () => number,
  ) {
    super();
  }

  nowMs(): number {
    return Math.floor(this.time.startMs + this.time.elapsedMs + this.offsetMs());
  }

  monotonicMs(): number {
    return this.time.elapsedMs;
  }
}

class ProcessScheduler extends Scheduler {
  constructor(
    private readonly time: TimeSource,
    private readonly process: VirtualProcess,
  ) {
    super();
  }

  after(delayMs: number, task: () => void): () => void {
    invariant(Number.isFinite(delayMs), 'a delay is a finite number of milliseconds');
    if (this.process.state === 'dead') return nothing;
    let isCancelled = false;
    // A task that a paused process keeps has left the queue, and can still be cancelled.
    const run = (): void => {
      if (!isCancelled) task();
    };
    const queued = this.time.queue.add(this.time.elapsedMs + Math.max(0, delayMs), this.process, run);
    return () => {
      isCancelled = true;
      this.time.queue.cancel(queued);
    };
  }
}

function nothing(): void {}
