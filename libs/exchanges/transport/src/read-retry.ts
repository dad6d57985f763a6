import { TimerScheduler, pauseFor, type Scheduler } from '#libs/kernel';
import { backoffMs, type BackoffOptions } from './backoff.js';
import { systemRandom, type RandomSource } from './random.js';

export interface ReadRetryOptions {
  readonly attempts?: number;
  /** Whether this failure may pass by itself. */
  readonly retryable: (error: unknown) => boolean;
  readonly backoff?: BackoffOptions;
  readonly random?: RandomSource;
  readonly scheduler?: Scheduler;
}

const ATTEMPTS_MAX = 3;
const TIMERS = new TimerScheduler();
const BACKOFF: BackoffOptions = { firstMs: 150, maxMs: 1_500, minMs: 10 };

/**
 * Repeats a read, three times at most, with full jitter. For reads only: a command has one attempt, and nobody repeats it.
 * `attempt` builds its request anew each time, so that timestamps are fresh.
 */
export async function retryRead<T>(attempt: () => Promise<T>, options: ReadRetryOptions): Promise<T> {
  const attempts = Math.min(options.attempts ?? ATTEMPTS_MAX, ATTEMPTS_MAX);
  for (let number = 1; ; number += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (number >= attempts || !options.retryable(error)) throw error;
      const ms = backoffMs(number - 1, options.backoff ?? BACKOFF, options.random ?? systemRandom);
      await pauseFor(options.scheduler ?? TIMERS, ms);
    }
  }
}
