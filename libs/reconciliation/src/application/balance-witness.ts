import { Injectable } from '@nestjs/common';
import { Clock, ZERO } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import { judgeBalance, mayBeTrade } from '../domain/index.js';
import { BalanceLook } from './balance-look.js';
import type { Look } from './balance-look.js';
import { PendingTransfers } from './pending-transfers.js';
import { VenueDoors } from './venue-doors.js';

/** Says whether money moved at the venue that nothing booked explains: the last witness before an order is held as never created. */
export abstract class BalanceWitness {
  /**
   * Whether the venue's totals, read now, hold a movement between the assets that posted fills, fees and known transfers do not explain.
   * Of two assets or more, only one that rose and another that fell can be a trade; of one, any movement counts. True also where the
   * ledger is not open yet or the trade history was not read to its end: then nobody can say that nothing moved.
   * @param assets those that the order in question would have moved
   * @throws VenueError, DatabaseUnavailableError: nothing can be concluded
   */
  abstract unexplained(account: string, assets: readonly string[]): Promise<boolean>;
}

@Injectable()
export class LedgerWitness extends BalanceWitness {
  constructor(
    private readonly doors: VenueDoors,
    private readonly balances: BalanceLook,
    private readonly pending: PendingTransfers,
    private readonly clock: Clock,
  ) {
    super();
  }

  async unexplained(account: string, assets: readonly string[]): Promise<boolean> {
    const door = this.doors.get(account);
    if (door === undefined) return true;
    const context = {
      door,
      cause: 'demand' as const,
      scope: 'balances' as const,
      startedAtMs: this.clock.nowMs(),
      counts: {},
      waiting: new Set<string>(),
      differs: new Set<string>(),
      dirtySymbols: new Set<string>(),
      unreadable: new Set<string>(),
      isHeld: () => this.doors.get(account) === door,
    };
    const symbols = await this.balances.markets(door, new Set(assets));
    const look = await this.balances.take(context, symbols);
    if (look.ledger.openedAtMs === null || !look.complete) return true;
    return mayBeTrade(assets.map((asset) => this.difference(account, asset, look)));
  }

  private difference(account: string, asset: string, look: Look): Decimal {
    const verdict = judgeBalance(
      {
        asset,
        venueTotal: look.venue.get(asset) ?? ZERO,
        expected: look.ledger.totals.get(asset) ?? ZERO,
        recent: look.ledger.recent.get(asset) ?? [],
        unsettled: null,
        pending: this.pending.of(account, asset),
        history: null,
        historyComplete: true,
      },
      this.clock.nowMs(),
      { looks: Number.MAX_SAFE_INTEGER, settleMs: 0 },
    );
    return verdict.kind === 'equal' || verdict.kind === 'reported' ? ZERO : verdict.difference;
  }
}
