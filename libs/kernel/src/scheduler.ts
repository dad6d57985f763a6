/** Runs something later. A port, so that the simulation can own the order in which things happen. */
export abstract class Scheduler {
  /** Runs `task` once after `delayMs`; the answer takes it back. A task must handle its own errors. */
  abstract after(delayMs: number, task: () => void): () => void;
}

export class TimerScheduler extends Scheduler {
  after(delayMs: number, task: () => void): () => void {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  }
}
