import { isFinal } from '#libs/model';
import type { Clock, Scheduler } from '#libs/kernel';
import type { OrderState } from '../domain/index.js';
import type { LiveOrder } from './live-orders.js';

/** The venue has spoken, one way or the other. */
export function hasVerdict(state: OrderState): boolean {
  return state.acknowledgedAtMs !== null || isFinal(state.status);
}

/** Waits until the order is as wished, at most until the monotonic time given. Resolves either way; look at the state. */
export async function waitFor(
  order: LiveOrder,
  wished: (state: OrderState) => boolean,
  untilMs: number,
  clock: Clock,
  scheduler: Scheduler,
): Promise<void> {
  while (!wished(order.state)) {
    const leftMs = untilMs - clock.monotonicMs();
    if (leftMs <= 0) return;
    let cancel: () => void = () => {};
    const timeout = new Promise<void>((resolve) => {
      cancel = scheduler.after(leftMs, resolve);
    });
    await Promise.race([order.nextChange(), timeout]);
    cancel();
  }
}
