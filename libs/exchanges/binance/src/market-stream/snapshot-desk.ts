import { backoffMs, type RandomSource } from '#libs/exchanges/transport';
import { VenueError } from '#libs/exchanges/contract';
import type { Clock } from '#libs/kernel';
import { WindowBudget } from './control-messages.js';
import type { DepthSnapshot } from './frames.js';
import type { MarketStreamLimits } from './limits.js';
import { sequenceOf } from './sequence.js';

/** The REST depth answer as the adapter's client gives it. */
export interface FetchedDepth {
  readonly lastUpdateId: string;
  readonly bids: readonly (readonly [string, string])[];
  readonly asks: readonly (readonly [string, string])[];
}

/** What is done with a snapshot; answers whether it was of use. */
export type UseSnapshot = (snapshot: DepthSnapshot | null) => boolean;

export type FetchDepth = (venueSymbol: string, limit: number) => Promise<FetchedDepth>;

/** A book that breaks again so soon is likely to go on breaking. */
const SOON_MS = 20_000;

interface Attempts {
  /** Failed, of no use, or needed again soon after a good one: the wait grows with it. */
  strikes: number;
  notBeforeMs: number;
  usefulAtMs: number;
  running: boolean;
}

/**
 * Fetches snapshots within a budget: few at once, so many a minute, and after a failure or a useless answer not again
 * at once. When many books break together (a lost connection) they are rebuilt one after the other.
 */
export class SnapshotDesk {
  private readonly attempts = new Map<string, Attempts>();
  private readonly budget: WindowBudget;
  private running = 0;
  private failures = 0;

  constructor(
    private readonly fetchDepth: FetchDepth,
    private readonly clock: Clock,
    private readonly limits: MarketStreamLimits,
    private readonly random: RandomSource,
  ) {
    this.budget = new WindowBudget(limits.snapshotsPerMinuteMax, 60_000);
  }

  get failed(): number {
    return this.failures;
  }

  /**
   * Fetches if it is this symbol's time and there is budget.
   * @param use - gets the snapshot, or `null` when there is none; `false` says that it was of no use, so the next one waits longer.
   * @returns `false`: nothing was started, ask again later.
   */
  request(venueSymbol: string, depth: number, use: UseSnapshot): boolean {
    const now = this.clock.monotonicMs();
    const attempts = this.of(venueSymbol);
    if (attempts.running || now < attempts.notBeforeMs) return false;
    if (this.running >= this.limits.snapshotsAtOnceMax || !this.budget.take(now)) return false;
    attempts.running = true;
    this.running += 1;
    void this.fetch(venueSymbol, depth, use, attempts);
    return true;
  }

  forget(venueSymbol: string): void {
    this.attempts.delete(venueSymbol);
  }

  private async fetch(venueSymbol: string, depth: number, use: UseSnapshot, attempts: Attempts): Promise<void> {
    let snapshot: DepthSnapshot | null = null;
    let waitMs = 0;
    try {
      const { lastUpdateId, bids, asks } = await this.fetchDepth(venueSymbol, depth);
      snapshot = { lastUpdateId: sequenceOf(lastUpdateId), bids: bids.map(copy), asks: asks.map(copy) };
    } catch (error) {
      // The book stays untrusted, which is what its users see; the failure is counted and the attempt repeated.
      this.failures += 1;
      if (error instanceof VenueError) waitMs = error.retryAfterMs ?? 0;
    }
    const useful = use(snapshot) && snapshot !== null;
    attempts.running = false;
    this.running -= 1;
    const now = this.clock.monotonicMs();
    const soonAgain = now - attempts.usefulAtMs < SOON_MS;
    attempts.strikes = useful && !soonAgain ? 0 : attempts.strikes + 1;
    if (useful) attempts.usefulAtMs = now;
    const { snapshotRetryFirstMs: firstMs, snapshotRetryMaxMs: maxMs } = this.limits;
    attempts.notBeforeMs = now + Math.max(waitMs, backoffMs(attempts.strikes, { firstMs, maxMs, minMs: firstMs / 2 }, this.random));
  }

  private of(venueSymbol: string): Attempts {
    let attempts = this.attempts.get(venueSymbol);
    if (attempts === undefined) {
      attempts = { strikes: 0, notBeforeMs: Number.NEGATIVE_INFINITY, usefulAtMs: Number.NEGATIVE_INFINITY, running: false };
      this.attempts.set(venueSymbol, attempts);
    }
    return attempts;
  }
}

function copy([price, quantity]: readonly [string, string]): [string, string] {
  return [price, quantity];
}
