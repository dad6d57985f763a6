/** Runs something later. A port, so that the simulation can own the order in which things happen. */
export abstract class Scheduler {
  /** Runs `task` once after `delayMs`; the answer takes it back. A task must handle its own errors. */
  abstract after(delayMs: number, task: () => void): () => void;
}

export interface TimerSchedulerOptions {
  /** `false`: a task that still waits does not keep the process alive. By default it does. */
  readonly keepsProcessAlive?: boolean;
}

export class TimerScheduler extends Scheduler {
  private readonly keepsProcessAlive: boolean;

  constructor(options: TimerSchedulerOptions = {}) {
    super();
    this.keepsProcessAlive = options.keepsProcessAlive ?? true;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = setTimeout(task, delayMs);
    if (!this.keepsProcessAlive) timer.unref();
    return () => clearTimeout(timer);
  }
}

/** Resolves after `ms`. Nothing can end it earlier: where that matters, call `after`. */
export function pauseFor(scheduler: Scheduler, ms: number): Promise<void> {
  return new Promise((resolve) => void scheduler.after(ms, resolve));
}

/** Runs `task` every `everyMs` until the answer is called. The next turn is planned before the task runs, which may end it. */
export function repeatEvery(scheduler: Scheduler, everyMs: number, task: () => void): () => void {
  let cancel: () => void;
  const turn = (): void => {
    cancel = scheduler.after(everyMs, turn);
    task();
  };
  cancel = scheduler.after(everyMs, turn);
  return () => cancel();
}
