import { Injectable } from '@nestjs/common';
import { Clock, ZERO } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import type { Balance, VenueFill } from '#libs/model';
import { assetsOf, isUnified, postExternalFill, touchedBy } from '../domain/index.js';
import { EngineView } from './engine-view.js';
import { FillSweep } from './fill-sweep.js';
import type { Sweep } from './fill-sweep.js';
import { Ledger } from './ledger.js';
import type { LedgerState } from './ledger.js';
import { ReconciliationSettings } from './reconciliation-settings.js';
import { assertHeld, count } from './run-context.js';
import type { RunContext } from './run-context.js';
import { VenueDoors } from './venue-doors.js';
import type { VenueDoor } from './venue-doors.js';
import { VenueRecords } from './venue-records.js';
import { venueNowMs } from './venue-time.js';

/** What the venue says an account holds, and what the ledger says, with every trade until then posted. */
export interface Look {
  readonly venue: ReadonlyMap<string, Decimal>;
  readonly ledger: LedgerState;
  /** By the venue's clock just before it was asked, less what that may be wrong by, ms: later trades may not be in its answer. */
  readonly sinceMs: number;
  /** The trade history of every market swept was read to its end, and all of it is posted. */
  readonly complete: boolean;
  /** A trade was read that may be newer than the venue's answer. */
  readonly hasNewer: boolean;
}

/**
 * Asks the venue for its totals first and for its trades after, so that a trade the totals hold is always among those that are posted. What
 * came in between is told apart by its time.
 */
@Injectable()
export class BalanceLook {
  constructor(
    private readonly doors: VenueDoors,
    private readonly engine: EngineView,
    private readonly sweep: FillSweep,
    private readonly ledger: Ledger,
    private readonly records: VenueRecords,
    private readonly clock: Clock,
    private readonly settings: ReconciliationSettings,
  ) {}

  /** @throws VenueError, DatabaseUnavailableError */
  async take(context: RunContext, symbols: ReadonlySet<string>): Promise<Look> {
    const { name, venueAccount } = context.door;
    const sinceMs = venueNowMs(context.door, this.clock) - this.settings.clockMarginMs;
    const balances = await venueAccount.balances();
    this.engine.takeBalances(name, balances, this.clock.nowMs());
    return this.behind(context, totalsOf(balances), sinceMs, symbols);
  }

  /** The venue's totals alone. @throws VenueError */
  async totals({ door }: RunContext): Promise<ReadonlyMap<string, Decimal>> {
    return totalsOf(await door.venueAccount.balances());
  }

  /** The same totals, with the trades of more markets read behind them. */
  async again(context: RunContext, look: Look, symbols: ReadonlySet<string>): Promise<Look> {
    const more = await this.behind(context, look.venue, look.sinceMs, symbols);
    return { ...more, complete: more.complete && look.complete, hasNewer: more.hasNewer || look.hasNewer };
  }

  /** Markets in which something may have been traded lately, and those that move one of the assets. */
  async markets(door: VenueDoor, touching: ReadonlySet<string> | 'all' | null = null): Promise<ReadonlySet<string>> {
    const nowMs = venueNowMs(door, this.clock);
    const cursors = await this.records.cursors(door.name);
    const wanted = cursors.filter(({ symbol, venueTimeMs }) => {
      if (!isUnified(symbol)) return false;
      if (touching === 'all') return true;
      if (touching === null) return nowMs - venueTimeMs <= this.settings.quietMs;
      return touchedBy(symbol).some((asset) => touching.has(asset));
    });
    return new Set([...this.engine.openOrders(door.name).map((order) => order.symbol), ...wanted.map(({ symbol }) => symbol)]);
  }

  private async behind(
    context: RunContext,
    venue: ReadonlyMap<string, Decimal>,
    sinceMs: number,
    symbols: ReadonlySet<string>,
  ): Promise<Look> {
    const { name, exchange } = context.door;
    const decimals = this.doors.amountDecimals(exchange.id);
    const swept = await this.sweep.run(context, symbols);
    assertHeld(context);
    const journal = await this.ledger.postJournal(name, decimals);
    count(context, 'posted', journal.posted);
    await this.postExternal(context, swept.external, decimals);
    const ledger = await this.ledger.read(name, sinceMs);
    return {
      venue,
      ledger,
      sinceMs,
      complete: swept.complete && journal.complete && context.unreadable.size === 0,
      hasNewer: isNewer(swept, ledger, sinceMs),
    };
  }

  /** What others traded before the ledger was opened is in its opening already. */
  private async postExternal(context: RunContext, fills: readonly VenueFill[], decimals: number | null): Promise<void> {
    if (fills.length === 0) return;
    const account = context.door.name;
    const { openedAtMs } = await this.ledger.read(account, venueNowMs(context.door, this.clock));
    if (openedAtMs === null) return;
    const later = fills.filter((fill) => fill.venueTimeMs >= openedAtMs && assetsOf(fill.symbol).settle === null);
    const posted = await this.ledger.post(
      account,
      later.map((fill) => postExternalFill({ ...fill, account }, decimals)),
    );
    if (posted > 0) count(context, 'externalFills', posted);
  }
}

function isNewer({ newestMs }: Sweep, ledger: LedgerState, sinceMs: number): boolean {
  return (newestMs !== null && newestMs >= sinceMs) || ledger.recent.size > 0;
}

function totalsOf(balances: readonly Balance[]): ReadonlyMap<string, Decimal> {
  const totals = new Map<string, Decimal>();
  for (const { asset, free, locked } of balances) totals.set(asset, (totals.get(asset) ?? ZERO).plus(free).plus(locked));
  return totals;
}
