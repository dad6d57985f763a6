import { invariant } from '#libs/kernel';
import { TaskQueue } from './task-queue.js';
import { VirtualProcess, type TimeSource } from './virtual-process.js';

/** `time`: the moment was reached. `condition`: it held. `idle`: nothing is left to happen. `tasks`: more tasks than allowed. */
export type RunEnd = 'time' | 'condition' | 'idle' | 'tasks';

export interface RunLimits {
  /** Ends a run whose condition never holds, at this moment of `elapsedMs`. */
  readonly untilMs?: number;
  /** Ends a run that goes round in circles. */
  readonly tasksMax?: number;
}

interface Run extends Required<RunLimits> {
  readonly condition: (() => boolean) | null;
}

const START_MS = 1_700_000_000_000;
/** Turns of the event loop are dear, and promise work is finished between two immediates of one turn just as well. */
const TASKS_PER_TURN = 64;

/**
 * Time that moves from one task to the next, with no real clock behind it. After each task all promise work that it caused is finished
 * before the next one begins, so that one order of tasks is one order of everything. Nothing in it may wait for the real world.
 */
export class VirtualTime implements TimeSource {
  readonly queue = new TaskQueue<VirtualProcess>();
  /** For what is no process: the network, the script of a test. Never killed or paused. */
  readonly world: VirtualProcess;
  private nowElapsedMs = 0;
  private performed = 0;
  private isRunning = false;

  /** @param startMs true wall clock at the start, ms since 1970. */
  constructor(readonly startMs: number = START_MS) {
    this.world = new VirtualProcess('world', this);
  }

  /** Virtual milliseconds since the start: true, monotonic, not whole. */
  get elapsedMs(): number {
    return this.nowElapsedMs;
  }

  /** True wall clock, ms since 1970. */
  get nowMs(): number {
    return this.world.clock.nowMs();
  }

  /** Tasks carried out so far. */
  get tasks(): number {
    return this.performed;
  }

  /** A new process. @param wallOffsetMs how far its wall clock is off. */
  process(name: string, wallOffsetMs = 0): VirtualProcess {
    return new VirtualProcess(name, this, wallOffsetMs);
  }

  /**
   * Lets things happen, to a moment of `elapsedMs` (which is then reached, also where nothing happened) or until a condition holds; it
   * is looked at whenever all work of a task is finished. @throws what a task threw.
   */
  run(until: number | (() => boolean), limits: RunLimits = {}): Promise<RunEnd> {
    invariant(!this.isRunning, 'one run at a time');
    this.isRunning = true;
    const { untilMs = Infinity, tasksMax = Infinity } = limits;
    const run: Run =
      typeof until === 'number'
        ? { condition: null, untilMs: Math.min(until, untilMs), tasksMax: this.performed + tasksMax }
        : { condition: until, untilMs, tasksMax: this.performed + tasksMax };
    return new Promise<RunEnd>((resolve, reject) => {
      let left = 0;
      let isOver = false;
      const finish = (tell: () => void): void => {
        isOver = true;
        this.isRunning = false;
        tell();
      };
      const next = (): void => {
        if (isOver) return;
        left -= 1;
        try {
          const end = this.step(run);
          if (end !== null) finish(() => resolve(end));
          else if (left === 0) turn();
        } catch (error) {
          finish(() => reject(error instanceof Error ? error : new Error('a task threw what is no error')));
        }
      };
      const turn = (): void => {
        left = TASKS_PER_TURN;
        for (let task = 0; task < TASKS_PER_TURN; task += 1) setImmediate(next);
      };
      turn();
    });
  }

  /** As `run`, by a length of time. */
  runFor(ms: number): Promise<RunEnd> {
    return this.run(this.nowElapsedMs + ms);
  }

  /** Waits for a promise that only virtual time can settle. @throws what it is rejected with, or an error where nothing is left to happen. */
  async settle<T>(promise: Promise<T>, limits: RunLimits = {}): Promise<T> {
    let isSettled = false;
    const settled = (): void => {
      isSettled = true;
    };
    promise.then(settled, settled);
    const end = await this.run(() => isSettled, limits);
    if (end !== 'condition') throw new Error(`the promise is not settled: ${end}`);
    return promise;
  }

  private step(run: Run): RunEnd | null {
    if (run.condition?.() === true) return 'condition';
    if (this.performed >= run.tasksMax) return 'tasks';
    for (let task = this.queue.peek(); task !== undefined; task = this.queue.peek()) {
      if (task.atMs > run.untilMs) break;
      this.queue.take();
      if (task.owner.state === 'dead') continue;
      this.nowElapsedMs = Math.max(this.nowElapsedMs, task.atMs);
      if (!task.owner.perform(task)) continue;
      this.performed += 1;
      return null;
    }
    if (run.untilMs === Infinity) return 'idle';
    this.nowElapsedMs = Math.max(this.nowElapsedMs, run.untilMs);
    return 'time';
  }
}
