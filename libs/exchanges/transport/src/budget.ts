/** One of the venue's counters. Windows are aligned with the clock and reset whole, as venues with headers do it. */
export interface BudgetWindow {
  readonly name: string;
  readonly limit: number;
  readonly windowMs: number;
}

export type CallPriority = 'cancel' | 'submit' | 'query';

export type SilenceReason = 'rate-limited' | 'ip-banned' | 'order-rate-limited';

export type Admission =
  | { readonly admitted: true; readonly ticket: BudgetTicket }
  | { readonly admitted: false; readonly reason: SilenceReason; readonly retryAfterMs: number };

/** Kept while a call is under way; give it back with `done`. */
export interface BudgetTicket {
  readonly costs: readonly { readonly name: string; readonly cost: number }[];
}

/** What one call takes of each counter. */
export type CallCost = Readonly<Record<string, number>>;

interface Counter {
  limit: number;
  windowMs: number;
  /** What the venue counted in the window that starts at `startMs`. */
  counted: number;
  startMs: number;
  /** Sent by us, and not yet counted by the venue. */
  inFlight: number;
}

/** Shares of each limit: queries stop first, then new orders, so that a cancel still goes through. */
const SHARE: Readonly<Record<CallPriority, number>> = { query: 0.85, submit: 0.95, cancel: 1 };

/**
 * What the venue still allows us, from what it says about its own counters. Pure: the venue's time comes in.
 * It refuses early rather than late: who goes on asking is banned.
 */
export class Budget {
  private readonly counters = new Map<string, Counter>();
  private silence: { untilMs: number; reason: SilenceReason } | null = null;
  private ordersSilentUntilMs = 0;

  constructor(windows: readonly BudgetWindow[] = []) {
    this.setWindows(windows);
  }

  /** Replaces the limits, keeps what was counted. A counter that is no longer named has no limit. */
  setWindows(windows: readonly BudgetWindow[]): void {
    const names = new Set(windows.map((window) => window.name));
    for (const name of this.counters.keys()) if (!names.has(name)) this.counters.delete(name);
    for (const { name, limit, windowMs } of windows) {
      const counter = this.counters.get(name);
      if (counter === undefined) this.counters.set(name, { limit, windowMs, counted: 0, startMs: 0, inFlight: 0 });
      else Object.assign(counter, { limit, windowMs });
    }
  }

  /**
   * May this call go out now? Takes its cost until `done`.
   * @param nowMs - the venue's time: its windows are aligned with it.
   * @param silenceNowMs - the time that silences are given in: of a clock that nobody sets.
   */
  admit(priority: CallPriority, cost: CallCost, nowMs: number, silenceNowMs: number = nowMs): Admission {
    const silence = this.silenceAt(silenceNowMs, priority);
    if (silence !== null) return { admitted: false, ...silence };
    const costs: { name: string; cost: number }[] = [];
    for (const name in cost) {
      const counter = this.counters.get(name);
      const amount = cost[name]!;
      if (counter === undefined || amount === 0) continue;
      roll(counter, nowMs);
      // Nothing but new orders moves the order counters, so that nothing has to be kept back from them.
      const ofOrders = name.startsWith('ORDERS');
      if (counter.counted + counter.inFlight + amount > counter.limit * (ofOrders ? 1 : SHARE[priority])) {
        const reason = ofOrders ? 'order-rate-limited' : 'rate-limited';
        return { admitted: false, reason, retryAfterMs: Math.max(1, counter.startMs + counter.windowMs - nowMs) };
      }
      costs.push({ name, cost: amount });
    }
    for (const { name, cost: amount } of costs) this.counters.get(name)!.inFlight += amount;
    return { admitted: true, ticket: { costs } };
  }

  /** The call has ended. Without an answer the venue may have counted it: so do we (`answered: false`). */
  done(ticket: BudgetTicket, answered: boolean, nowMs: number): void {
    for (const { name, cost } of ticket.costs) {
      const counter = this.counters.get(name);
      if (counter === undefined) continue;
      roll(counter, nowMs);
      counter.inFlight = Math.max(0, counter.inFlight - cost);
      if (!answered) counter.counted += cost;
    }
  }

  /** The venue told its own count. Within a window counts only rise: answers may overtake one another. */
  counted(name: string, count: number, nowMs: number): void {
    const counter = this.counters.get(name);
    if (counter === undefined) return;
    roll(counter, nowMs);
    counter.counted = Math.max(counter.counted, count);
  }

  /** The venue asked for silence. A longer silence is never shortened by a shorter one. */
  silentUntil(untilMs: number, reason: SilenceReason): void {
    if (reason === 'order-rate-limited') {
      this.ordersSilentUntilMs = Math.max(this.ordersSilentUntilMs, untilMs);
    } else if (this.silence === null || untilMs > this.silence.untilMs) {
      this.silence = { untilMs, reason };
    }
  }

  /** Until when every call is refused, ms; `null` when none is. */
  silentUntilMs(nowMs: number): number | null {
    return this.silence !== null && this.silence.untilMs > nowMs ? this.silence.untilMs : null;
  }

  usage(nowMs: number): readonly { name: string; used: number; limit: number; windowMs: number }[] {
    return [...this.counters].map(([name, counter]) => {
      roll(counter, nowMs);
      return { name, used: counter.counted + counter.inFlight, limit: counter.limit, windowMs: counter.windowMs };
    });
  }

  private silenceAt(nowMs: number, priority: CallPriority): { reason: SilenceReason; retryAfterMs: number } | null {
    if (this.silence !== null && this.silence.untilMs > nowMs) {
      return { reason: this.silence.reason, retryAfterMs: this.silence.untilMs - nowMs };
    }
    if (priority === 'submit' && this.ordersSilentUntilMs > nowMs) {
      return { reason: 'order-rate-limited', retryAfterMs: this.ordersSilentUntilMs - nowMs };
    }
    return null;
  }
}

function roll(counter: Counter, nowMs: number): void {
  const startMs = nowMs - (nowMs % counter.windowMs);
  // A little behind: two looks at a window's edge. Far behind: the clock was set, and the window that was counted will never come.
  if (startMs <= counter.startMs && counter.startMs - startMs <= counter.windowMs) return;
  counter.startMs = startMs;
  counter.counted = 0;
}
