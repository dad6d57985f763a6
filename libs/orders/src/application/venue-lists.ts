import type { Clock } from '#libs/kernel';
import type { VenueFill, VenueOrderReport } from '#libs/model';
import type { AccountSession } from './account-sessions.js';

/** An account's records of one market, read at one time. */
export interface MarketRecords {
  /** When the first of them was asked for, on the monotonic clock: what happened later may be missing. */
  readonly startedAtMs: number;
  /** The same on the wall clock, for the evidence. */
  readonly atMs: number;
  /** How far back orders and trades were read, ms on the wall clock. */
  readonly sinceMs: number;
  readonly open: readonly VenueOrderReport[];
  readonly recent: readonly VenueOrderReport[];
  readonly fills: readonly VenueFill[];
}

/** Read further back than the first order needs, so that the next one can use the same lists, ms. */
const MARGIN_MS = 600_000;
/** Lists older than this are read again, ms. */
const FRESH_MS = 1_000;

interface Reading {
  readonly startedAtMs: number;
  readonly sinceMs: number;
  readonly records: Promise<MarketRecords>;
}

/**
 * The lists of a market that an absence is looked for in: open orders, all orders, trades. Orders that are looked for at the same time share
 * one reading, so that a storm of unknown orders costs no more of the venue's budget than a single one.
 */
export class VenueLists {
  private readonly readings = new Map<string, Reading>();

  constructor(private readonly clock: Clock) {}

  /**
   * @param sinceMs - orders and trades from then on, wall clock.
   * @param notBeforeMs - lists that were asked for earlier prove nothing to the caller, monotonic.
   * @throws VenueError where one of them could not be read.
   */
  async read(session: AccountSession, symbol: string, sinceMs: number, notBeforeMs: number): Promise<MarketRecords> {
    const key = `${session.name} ${symbol}`;
    const known = this.readings.get(key);
    const nowMs = this.clock.monotonicMs();
    const serves =
      known !== undefined && known.startedAtMs > notBeforeMs && known.sinceMs <= sinceMs && nowMs - known.startedAtMs < FRESH_MS;
    if (serves) return known.records;
    const reading: Reading = {
      startedAtMs: nowMs,
      sinceMs: sinceMs - MARGIN_MS,
      records: this.fetch(session, symbol, sinceMs - MARGIN_MS, nowMs),
    };
    this.readings.set(key, reading);
    reading.records.catch(() => {
      // A reading that failed serves nobody.
      if (this.readings.get(key) === reading) this.readings.delete(key);
    });
    return reading.records;
  }

  private async fetch({ venueAccount }: AccountSession, symbol: string, sinceMs: number, startedAtMs: number): Promise<MarketRecords> {
    const atMs = this.clock.nowMs();
    const open = await venueAccount.openOrders(symbol);
    const recent = await venueAccount.recentOrders(symbol, sinceMs);
    const fills: VenueFill[] = [];
    let page = await venueAccount.fills({ symbol, sinceMs });
    fills.push(...page.fills);
    while (page.nextFromTradeId !== null) {
      page = await venueAccount.fills({ symbol, fromTradeId: page.nextFromTradeId });
      fills.push(...page.fills);
    }
    return { startedAtMs, atMs, sinceMs, open, recent, fills };
  }
}
