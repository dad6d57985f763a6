import { TimerScheduler } from '#libs/kernel';

/** The process's timers; what need not wait at all runs at the end of the turn of the event loop, before any timer. */
export class TurnScheduler extends TimerScheduler {
  override after(delayMs: number, task: () => void): () => void {
    if (delayMs > 0) return super.after(delayMs, task);
    const immediate = setImmediate(task);
    return () => clearImmediate(immediate);
  }
}
