import type { Pumped } from './subscription.js';

/** How long sending may hold up everything else in the process, ms. */
const SLICE_MS = 5;

/** Lets clients send one after the other, in slices, so that news for many clients never holds up an order. */
export class Turns {
  private readonly waiting = new Set<Pumped>();
  private planned = false;

  constructor(private readonly nowMs: () => number) {}

  ask(who: Pumped): void {
    this.waiting.add(who);
    this.plan();
  }

  forget(who: Pumped): void {
    this.waiting.delete(who);
  }

  private plan(): void {
    if (this.planned) return;
    this.planned = true;
    setImmediate(() => this.run());
  }

  private run(): void {
    this.planned = false;
    const until = this.nowMs() + SLICE_MS;
    for (const who of this.waiting) {
      this.waiting.delete(who);
      who.pump();
      if (this.nowMs() > until) break;
    }
    if (this.waiting.size > 0) this.plan();
  }
}
