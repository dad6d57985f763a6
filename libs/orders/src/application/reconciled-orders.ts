import { Injectable } from '@nestjs/common';
import { Clock, isUuid } from '#libs/kernel';
import type { Decimal, OrderId } from '#libs/kernel';
import type { Balance, OrderStatus, VenueFill, VenueOrderReport } from '#libs/model';
import { AccountSessions } from './account-sessions.js';
import { BalanceSink } from './balance-sink.js';
import { LiveOrders } from './live-orders.js';
import type { LiveOrder } from './live-orders.js';
import { JournalUnavailable, OrderJournal } from './order-journal.js';
import { OrderReader } from './order-reader.js';
import { OrderSettings } from './order-settings.js';
import { Resolver } from './resolver.js';

/** An open order as far as a comparison with the venue needs it. */
export interface OpenOrderBrief {
  readonly id: string;
  readonly symbol: string;
  readonly venueClientId: string;
  readonly venueOrderId: string | null;
  readonly status: OrderStatus;
  readonly filledQuantity: Decimal;
  readonly acknowledged: boolean;
  readonly ageMs: number;
}

/** The engine's side of reconciliation: what it holds, and a door for whatever was found at the venue. */
@Injectable()
export class ReconciledOrders {
  constructor(
    private readonly live: LiveOrders,
    private readonly sessions: AccountSessions,
    private readonly reader: OrderReader,
    private readonly journal: OrderJournal,
    private readonly resolver: Resolver,
    private readonly balances: BalanceSink,
    private readonly clock: Clock,
    private readonly settings: OrderSettings,
  ) {}

  openOrders(account: string): readonly OpenOrderBrief[] {
    const nowMs = this.clock.nowMs();
    return this.live.open(account).map(({ id, state }) => ({
      id,
      symbol: state.terms.symbol,
      venueClientId: state.terms.venueClientId,
      venueOrderId: state.venueOrderId,
      status: state.status,
      filledQuantity: state.filledQuantity,
      acknowledged: state.acknowledgedAtMs !== null,
      ageMs: nowMs - state.terms.createdAtMs,
    }));
  }

  /** Assets that an order without a verdict may have moved: also one that is still on its way. */
  unknownAssets(account: string): readonly string[] {
    const exchange = this.sessions.get(account)?.exchange;
    const open = this.live.open(account).filter(({ state }) => state.acknowledgedAtMs === null || state.closing !== null);
    const instruments = open.map(({ state }) => exchange?.instrument(state.terms.symbol));
    return [...new Set(instruments.flatMap((instrument) => (instrument === undefined ? [] : [instrument.base, instrument.quote])))];
  }

  /** Takes in what the venue says of an order, also of one that has ended. @throws JournalUnavailable where it cannot be told whose it is. */
  async takeReport(account: string, report: VenueOrderReport): Promise<'ours' | 'external'> {
    const order = await this.orderOf(account, report.venueClientId);
    if (order === null) return 'external';
    this.live.observe(order, report, 'query');
    return 'ours';
  }

  /** Takes in rows of the venue's trade history. @returns a verdict for each; `external` where no order here has that venue id. */
  async takeFills(account: string, symbol: string, fills: readonly VenueFill[]): Promise<readonly ('new' | 'known' | 'external')[]> {
    const owners = this.live.byVenueOrderId(account);
    const strange = fills.filter((fill) => !owners.has(fill.venueOrderId));
    const booked =
      strange.length === 0
        ? NOTHING
        : await this.reader.bookedTrades(
            account,
            symbol,
            strange.map((fill) => fill.venueTradeId),
          );
    return fills.map((fill) => {
      const order = owners.get(fill.venueOrderId);
      if (order === undefined) return booked.has(`${fill.venueOrderId}/${fill.venueTradeId}`) ? 'known' : 'external';
      if (order.state.tradeIds.has(fill.venueTradeId)) return 'known';
      this.live.observeFills(order, [fill], 'query');
      return 'new';
    });
  }

  async lookAt(orderId: string): Promise<void> {
    const order = this.live.get(orderId);
    if (order !== undefined) await this.resolver.lookNow(order);
  }

  takeBalances(account: string, balances: readonly Balance[], atMs: number): void {
    this.balances.replace(account, balances, atMs);
  }

  /** @throws JournalUnavailable */
  settled(): Promise<void> {
    return this.journal.flushed(this.settings.flushTimeoutMs);
  }

  private async orderOf(account: string, venueClientId: string): Promise<LiveOrder | null> {
    const known = this.live.findByVenueClientId(venueClientId);
    if (known !== undefined) return known.state.terms.account === account ? known : null;
    const session = this.sessions.get(account);
    // Without its venue nobody can tell whose id that is.
    if (session === undefined) throw new JournalUnavailable(`the account ${account} is not joined here`);
    const id = session.venueAccount.uuidOf(venueClientId);
    if (id === null || !isUuid(id)) return null;
    const state = await this.reader.byId(id as OrderId);
    if (state === null || state.terms.account !== account || state.terms.venueClientId !== venueClientId) return null;
    return this.live.adopt(state);
  }
}

const NOTHING: ReadonlySet<string> = new Set();
