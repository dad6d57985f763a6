import { Clock, IdSource, Scheduler, ZERO, sum, timeText } from '#libs/kernel';
import type { ManualClock } from '#libs/kernel';
import type { Database } from '#libs/database';
import type { ExchangeAccount } from '#libs/exchanges/contract';
import { isFinal, type Side, type VenueFill, type VenueOrderReport } from '#libs/model';
import { EngineView, ReconciliationMetrics, type FillVerdict, type OrderBrief } from '#libs/reconciliation';

export const ACCOUNT = 'binance-sim';

interface Known {
  brief: OrderBrief;
  readonly madeAtMs: number;
  readonly fills: Map<string, VenueFill>;
}

/** Orders as the engine holds them, and its journal of fills in Postgres: enough for reconciliation to be real on both sides. */
export class EngineDouble extends EngineView {
  readonly orders = new Map<string, Known>();
  private seq = 0;
  /** What is booked and not written yet: as the engine does, the rows come behind. */
  private behind: (() => Promise<unknown>)[] = [];
  private written: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly ids: IdSource,
    private readonly venue: () => Pick<ExchangeAccount, 'queryOrder' | 'fills'>,
  ) {
    super();
  }

  async hold(id: string, symbol: string, side: Side, more: Partial<OrderBrief> = {}): Promise<void> {
    const brief: OrderBrief = {
      ...{ id, symbol, venueClientId: id, venueOrderId: null, status: 'unknown', filledQuantity: ZERO, acknowledged: false, ageMs: 0 },
      ...more,
    };
    this.orders.set(id, { brief, madeAtMs: this.clock.nowMs(), fills: new Map() });
    await this.database.query(
      'test.order',
      `INSERT INTO orders (id, account, venue, symbol, side, type, post_only, reduce_only, fingerprint, venue_client_id, api_key_id, created_at)
       VALUES ($1, '${ACCOUNT}', 'binance', $2, $3, 'limit', false, false, 'f', 'c', 'k', now())`,
      [id, symbol, side],
    );
  }

  openOrders(): readonly OrderBrief[] {
    const nowMs = this.clock.nowMs();
    return [...this.orders.values()]
      .filter(({ brief }) => !isFinal(brief.status))
      .map(({ brief, madeAtMs }) => ({ ...brief, ageMs: nowMs - madeAtMs }));
  }

  unknownAssets(): readonly string[] {
    return this.openOrders()
      .filter((order) => order.status === 'unknown')
      .flatMap((order) => order.symbol.split('/'));
  }

  async takeReport(_account: string, report: VenueOrderReport): Promise<'ours' | 'external'> {
    const known = this.orders.get(report.venueClientId);
    if (known === undefined) return 'external';
    const booked = sum([...known.fills.values()].map(({ quantity }) => quantity));
    const status = report.status !== 'pending-new' && booked.eq(report.filledQuantity ?? booked) ? report.status : known.brief.status;
    known.brief = { ...known.brief, acknowledged: true, venueOrderId: report.venueOrderId, filledQuantity: booked, status };
    return 'ours';
  }

  async takeFills(_account: string, _symbol: string, fills: readonly VenueFill[]): Promise<readonly FillVerdict[]> {
    const verdicts: FillVerdict[] = [];
    for (const fill of fills) verdicts.push(await this.takeFill(fill));
    return verdicts;
  }

  async lookAt(id: string): Promise<void> {
    const { brief } = this.orders.get(id)!;
    const reference = { symbol: brief.symbol, venueClientId: brief.venueClientId, venueOrderId: brief.venueOrderId };
    const report = await this.venue().queryOrder(reference);
    if (report === null) return;
    await this.takeReport(ACCOUNT, report);
    const { fills } = await this.venue().fills({ symbol: brief.symbol, venueOrderId: report.venueOrderId });
    await this.takeFills(ACCOUNT, brief.symbol, fills);
    await this.takeReport(ACCOUNT, report);
  }

  takeBalances(): void {}

  settled(): Promise<void> {
    this.written = this.written.then(async () => {
      for (const write of this.behind.splice(0)) await write();
    });
    return this.written;
  }

  private async takeFill(fill: VenueFill): Promise<FillVerdict> {
    const known = [...this.orders.values()].find(({ brief }) => brief.venueOrderId === fill.venueOrderId);
    if (known === undefined) return 'external';
    if (known.fills.has(fill.venueTradeId)) return 'known';
    known.fills.set(fill.venueTradeId, fill);
    known.brief = { ...known.brief, filledQuantity: known.brief.filledQuantity.plus(fill.quantity) };
    const { symbol, venueTradeId, venueOrderId, side, price, quantity, fee } = fill;
    const values = [this.ids.uuid(), known.brief.id, symbol, venueTradeId, venueOrderId, side, price.toFixed(), quantity.toFixed()];
    const seq = (this.seq += 1);
    const write = () =>
      this.database.query(
        'test.fill',
        `INSERT INTO fills (id, order_id, account, venue, symbol, venue_trade_id, venue_order_id, side, price, quantity, fee_asset, fee_amount,
         source, venue_time, booked_at, seq)
       VALUES ($1, $2, '${ACCOUNT}', 'binance', $3, $4, $5, $6, $7, $8, $9, $10, 'query', $11, now(), $12)`,
        [...values, fee?.asset ?? null, fee?.amount.toFixed() ?? null, timeText(fill.venueTimeMs), seq],
      );
    this.behind.push(write);
    return 'new';
  }
}

/** Time that passes only where somebody waits for it. */
export class WaitingScheduler extends Scheduler {
  constructor(private readonly clock: ManualClock) {
    super();
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = setImmediate(() => {
      this.clock.advance(delayMs);
      task();
    });
    return () => clearImmediate(timer);
  }
}

export class CountingMetrics extends ReconciliationMetrics {
  drifts = 0;
  late = 0;
  open: ReadonlyMap<string, number> = new Map();
  readonly loops = new Set<string>();
  succeeded(loop: string): void {
    this.loops.add(loop);
  }
  discrepanciesOpen(counts: ReadonlyMap<string, number>): void {
    this.open = counts;
  }
  balanceDrift(): void {
    this.drifts += 1;
  }
  lateAppearance(): void {
    this.late += 1;
  }
}
