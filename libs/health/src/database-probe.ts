import { Inject, Injectable, Logger, Optional, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Clock, SystemClock } from '#libs/kernel';
import type { CheckResult } from './readiness-state.js';

/** What the probe asks the database. A port, so that the probe can be tested without one. */
export abstract class DatabaseCheck {
  /** Resolves when the database answers. */
  abstract ping(): Promise<void>;
  /** Whether a failed ping means that nobody is let in there, rather than that one answer was lost or late. */
  abstract isGone(error: unknown): boolean;
  /** Names of migrations that this build expects and the database has not seen. */
  abstract pendingMigrations(): Promise<readonly string[]>;
}

export const PING_EVERY_MS = 500;
export const PING_TIMEOUT_MS = 2_000;
/** After a ping that failed: whether the database is back is asked soon, and at no cost. */
export const PING_AGAIN_MS = 250;
/** An answer older than this proves nothing. More than one ping with its full time-out: a single slow one is no outage. */
export const FRESH_MS = 3_000;
const MIGRATIONS_EVERY_PINGS = 20;

/** Asks the database in the background, so that a probe answers from memory and can neither hang nor add load. */
@Injectable()
export class DatabaseProbe implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('health');
  private answeredAtMs: number | null = null;
  private pending: readonly string[] | null = null;
  private reachable = true;
  private gone = false;
  private pings = 0;
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(
    @Inject(DatabaseCheck) private readonly check: DatabaseCheck,
    @Optional() @Inject(Clock) private readonly clock: Clock = new SystemClock(),
  ) {}

  async onModuleInit(): Promise<void> {
    await this.round();
  }

  onModuleDestroy(): void {
    this.stopped = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  /** Up while the last answer is fresh; down at once where nobody is let in. */
  database(): CheckResult {
    const ageMs = this.answeredAtMs === null ? null : Math.round(this.clock.monotonicMs() - this.answeredAtMs);
    return { up: ageMs !== null && ageMs < FRESH_MS && !this.gone, lastAnswerAgeMs: ageMs };
  }

  /** Up when nothing is pending. Keeps its last answer while the database is away: that is the other check's business. */
  migrations(): CheckResult {
    return { up: this.pending !== null && this.pending.length === 0, ...(this.pending !== null && { pending: this.pending }) };
  }

  /** One ping, then the next is planned. Never rejects. */
  async round(): Promise<void> {
    try {
      await withTimeout(this.ask());
      this.answeredAtMs = this.clock.monotonicMs();
      if (!this.reachable) this.logger.log('database answers again');
      this.reachable = true;
      this.gone = false;
    } catch (error) {
      this.gone = this.check.isGone(error);
      if (this.reachable)
        this.logger.warn({ msg: 'database does not answer', error: error instanceof Error ? error.message : 'unknown fault' });
      this.reachable = false;
    }
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.round(), this.reachable ? PING_EVERY_MS : PING_AGAIN_MS);
    this.timer.unref();
  }

  private async ask(): Promise<void> {
    await this.check.ping();
    const due = this.pings % MIGRATIONS_EVERY_PINGS === 0 || this.pending === null || this.pending.length > 0;
    if (due) this.pending = await this.check.pendingMigrations();
    this.pings += 1;
  }
}

async function withTimeout(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PING_TIMEOUT_MS} ms`)), PING_TIMEOUT_MS);
    timer.unref();
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
