import { Injectable } from '@nestjs/common';
import { Clock } from '#libs/kernel';
import type { VenueFill } from '#libs/model';
import type { FillQuery } from '#libs/exchanges/contract';
import { DiscrepancyStore } from './discrepancy-store.js';
import { EngineView } from './engine-view.js';
import { FillOwners } from './fill-owners.js';
import { ReconciliationSettings } from './reconciliation-settings.js';
import { count } from './run-context.js';
import type { RunContext } from './run-context.js';
import { VenueRecords } from './venue-records.js';
import type { FillCursor } from './venue-records.js';
import { venueNowMs } from './venue-time.js';

/** How many trade ids a discrepancy names. */
const NAMED_MAX = 20;

export interface Sweep {
  /** Every market was read up to its newest trade. */
  readonly complete: boolean;
  /** Fills of orders that others placed. */
  readonly external: readonly VenueFill[];
  /** The newest trade that was read, ms; `null` where there was none. */
  readonly newestMs: number | null;
}

interface SymbolSweep {
  readonly symbol: string;
  readonly complete: boolean;
  readonly external: readonly VenueFill[];
  readonly missed: readonly VenueFill[];
  /** How far it has been read now; `null` where that must not be noted. */
  readonly cursor: FillCursor | null;
}

/**
 * Reads the venue's trade history again and again, each time from before where it ended last: rows may become visible late and out of
 * order. What the stream did not bring is found here.
 */
@Injectable()
export class FillSweep {
  constructor(
    private readonly engine: EngineView,
    private readonly owners: FillOwners,
    private readonly discrepancies: DiscrepancyStore,
    private readonly records: VenueRecords,
    private readonly clock: Clock,
    private readonly settings: ReconciliationSettings,
  ) {}

  /** Reads the markets, oldest reading first, and resolves when everything read stands in the journal. @throws VenueError */
  async run(context: RunContext, symbols: ReadonlySet<string>): Promise<Sweep> {
    const { name } = context.door;
    const cursors = new Map((await this.records.cursors(name)).map((cursor) => [cursor.symbol, cursor]));
    const wanted = [...symbols].toSorted((a, b) => (cursors.get(a)?.readAtMs ?? 0) - (cursors.get(b)?.readAtMs ?? 0));
    const now = wanted.slice(0, this.settings.symbolsMax);
    const sweeps: SymbolSweep[] = [];
    for (const symbol of now) sweeps.push(await this.sweep(context, symbol, cursors.get(symbol) ?? null));
    await this.engine.settled(name);
    // Only now: what a crash takes with it is read again.
    await this.records.saveCursors(
      name,
      sweeps.flatMap(({ cursor }) => (cursor === null ? [] : [cursor])),
    );
    for (const { symbol, missed } of sweeps) await this.note(context, symbol, missed);
    count(context, 'marketsSwept', now.length);
    const times = sweeps.map(({ cursor }) => (cursor === null || cursor.venueTradeId === null ? 0 : cursor.venueTimeMs));
    return {
      complete: now.length === wanted.length && sweeps.every((sweep) => sweep.complete),
      external: sweeps.flatMap(({ external }) => external),
      newestMs: times.some((time) => time > 0) ? Math.max(...times) : null,
    };
  }

  private async sweep(context: RunContext, symbol: string, cursor: FillCursor | null): Promise<SymbolSweep> {
    const { name, venueAccount } = context.door;
    const readAtMs = venueNowMs(context.door, this.clock);
    const external: VenueFill[] = [];
    const missed: VenueFill[] = [];
    const read: VenueFill[] = [];
    let isResolved = true;
    let query: FillQuery | null = this.firstQuery(name, symbol, cursor, readAtMs);
    for (let pages = 0; query !== null && pages < this.settings.pagesMax; pages += 1) {
      const page = await venueAccount.fills(query);
      for (const { fill, owner } of await this.owners.take(context, symbol, page.fills)) {
        if (owner === 'external') external.push(fill);
        if (owner === 'unresolved') isResolved = false;
        if (owner === 'new' && fill.venueTimeMs < readAtMs - this.settings.settlingMs) missed.push(fill);
      }
      read.push(...page.fills);
      count(context, 'fillsRead', page.fills.length);
      query = page.nextFromTradeId === null ? null : { symbol, fromTradeId: page.nextFromTradeId };
    }
    // Whose fill it is must be asked again: the cursor stays where it is.
    const moved = isResolved ? advanced(symbol, cursor, read, readAtMs) : null;
    return { symbol, complete: query === null && isResolved, external, missed, cursor: moved };
  }

  private firstQuery(account: string, symbol: string, cursor: FillCursor | null, nowMs: number): FillQuery {
    if (cursor === null) {
      const ages = this.engine.openOrders(account).map((order) => (order.symbol === symbol ? order.ageMs : 0));
      return { symbol, sinceMs: nowMs - Math.max(0, ...ages) - this.settings.overlapMs };
    }
    const isOld = nowMs - cursor.venueTimeMs > this.settings.sinceMaxMs;
    if (isOld && cursor.venueTradeId !== null) return { symbol, fromTradeId: cursor.venueTradeId };
    const seenUntilMs = cursor.venueTradeId === null ? cursor.readAtMs : Math.min(cursor.venueTimeMs, cursor.readAtMs);
    return { symbol, sinceMs: seenUntilMs - this.settings.overlapMs };
  }

  /** Trades that were old enough for the stream to have brought them, and that nobody had. */
  private async note(context: RunContext, symbol: string, missed: readonly VenueFill[]): Promise<void> {
    if (missed.length === 0) return;
    const account = context.door.name;
    const kind = 'missing-fill';
    const atMs = this.clock.nowMs();
    const trades = missed.slice(0, NAMED_MAX).map((fill) => fill.venueTradeId);
    count(context, 'fillsMissed', missed.length);
    await this.discrepancies.see({ account, kind, subject: symbol, detail: { symbol, trades, count: missed.length } }, atMs);
    const repair = `${missed.length} booked from the venue's trade history`;
    await this.discrepancies.close(account, kind, [symbol], { state: 'repaired', repair, atMs });
  }
}

/** Where nothing was read, time goes on and the last trade stays. */
function advanced(symbol: string, before: FillCursor | null, read: readonly VenueFill[], readAtMs: number): FillCursor {
  let newest: VenueFill | null = null;
  for (const fill of read) if (newest === null || fill.venueTimeMs >= newest.venueTimeMs) newest = fill;
  if (newest !== null) return { symbol, venueTimeMs: newest.venueTimeMs, venueTradeId: newest.venueTradeId, readAtMs };
  return { symbol, venueTimeMs: before?.venueTimeMs ?? readAtMs, venueTradeId: before?.venueTradeId ?? null, readAtMs };
}
