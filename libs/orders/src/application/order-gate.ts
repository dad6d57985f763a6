import { Injectable } from '@nestjs/common';
import type { OrderProblem } from './order-problem.js';
import { OrderJournal } from './order-journal.js';
import { OrderSettings } from './order-settings.js';

const NOT_STARTED: OrderProblem = {
  code: 'not-ready',
  detail: 'the gateway is still catching up with the venues; nothing was sent',
  nothingSent: true,
  retryAfterMs: 1_000,
};
const DRAINING: OrderProblem = {
  code: 'draining',
  detail: 'the gateway is shutting down; nothing was sent',
  nothingSent: true,
  retryAfterMs: 5_000,
};
const BACKLOG: OrderProblem = {
  code: 'database-unavailable',
  detail: 'the journal cannot keep up; nothing was sent',
  nothingSent: true,
  retryAfterMs: 1_000,
};

/** Whether new orders may enter at all. Cancels pass where orders do not. */
@Injectable()
export class OrderGate {
  private state: 'closed' | 'open' | 'draining' = 'closed';
  private inFlight = 0;
  private idle: (() => void)[] = [];

  constructor(
    private readonly journal: OrderJournal,
    private readonly settings: OrderSettings,
  ) {}

  open(): void {
    if (this.state === 'closed') this.state = 'open';
  }

  /** Refuses new orders from now on and resolves when those under way have been answered. */
  async drain(): Promise<void> {
    this.state = 'draining';
    if (this.inFlight > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  /** `null`: come in. */
  refusal(): OrderProblem | null {
    if (this.state === 'draining') return DRAINING;
    if (this.state === 'closed') return NOT_STARTED;
    return this.journal.backlog() > this.settings.journalBacklogMax ? BACKLOG : null;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.inFlight += 1;
    try {
      return await work();
    } finally {
      this.inFlight -= 1;
      if (this.inFlight === 0) for (const wake of this.idle.splice(0)) wake();
    }
  }
}
