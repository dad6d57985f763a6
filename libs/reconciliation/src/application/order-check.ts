import { Injectable } from '@nestjs/common';
import { Clock, decimalText } from '#libs/kernel';
import { isFinal } from '#libs/model';
import type { VenueOrderReport } from '#libs/model';
import { compareOrders, isUnified } from '../domain/index.js';
import type { OrderBrief, OrderFinding } from '../domain/index.js';
import { DiscrepancyStore } from './discrepancy-store.js';
import type { Discrepancy } from './discrepancy-store.js';
import { EngineView } from './engine-view.js';
import { ReconciliationSettings } from './reconciliation-settings.js';
import { assertHeld, count } from './run-context.js';
import type { RunContext } from './run-context.js';
import { VenueRecords } from './venue-records.js';
import { venueNowMs } from './venue-time.js';

/** What this check opens and closes again by itself. */
const KINDS: ReadonlySet<string> = new Set(['order-unacknowledged', 'order-not-listed', 'fills-missing']);
const RECENT_MS = 86_400_000;

/** Compares the venue's open orders with ours, hands over what the venue says, and asks about what it does not list. */
@Injectable()
export class OrderCheck {
  constructor(
    private readonly engine: EngineView,
    private readonly discrepancies: DiscrepancyStore,
    private readonly records: VenueRecords,
    private readonly clock: Clock,
    private readonly settings: ReconciliationSettings,
  ) {}

  /** @returns the markets in which orders stand now, ours and those of others. */
  async run(context: RunContext): Promise<ReadonlySet<string>> {
    const { name, venueAccount } = context.door;
    const before = this.engine.openOrders(name);
    const venue = await venueAccount.openOrders(null);
    assertHeld(context);
    const after = this.engine.openOrders(name);
    const comparison = compareOrders({ venue, before, after, settlingMs: this.settings.settlingMs });
    count(context, 'ordersListed', venue.length);
    count(context, 'ordersOpen', after.length);
    await this.hand(context, venue, true);
    await this.repair(context, comparison.findings);
    await this.report(context, comparison.findings);
    return new Set([...venue.map((report) => report.symbol).filter(isUnified), ...after.map((order) => order.symbol)]);
  }

  /** Also what ended while nobody listened, where the venue keeps it: an order of ours that appeared and is gone already is found here. */
  async recent(context: RunContext, symbols: Iterable<string>): Promise<void> {
    const { venueAccount } = context.door;
    if (venueAccount.recentOrders === undefined) return;
    for (const symbol of [...symbols].slice(0, this.settings.symbolsMax)) {
      const reports = await venueAccount.recentOrders(symbol, venueNowMs(context.door, this.clock) - RECENT_MS);
      count(context, 'recentOrders', reports.length);
      await this.hand(context, reports, false);
    }
  }

  private async hand(context: RunContext, reports: readonly VenueOrderReport[], complete: boolean): Promise<void> {
    const { name } = context.door;
    const external: VenueOrderReport[] = [];
    for (const report of reports) {
      const isExternal = (await this.engine.takeReport(name, report)) === 'external';
      if (!isUnified(report.symbol)) context.unreadable.add(report.symbol);
      else if (isExternal) external.push(report);
    }
    assertHeld(context);
    const nowMs = this.clock.nowMs();
    await this.records.seeExternal(name, external, nowMs);
    if (!complete) return;
    count(context, 'externalOrders', external.length);
    await this.records.endExternal(
      name,
      reports.map((report) => report.venueOrderId),
      nowMs,
    );
  }

  private async repair(context: RunContext, findings: readonly OrderFinding[]): Promise<void> {
    const wanted = findings.filter(({ kind }) => kind !== 'order-unacknowledged').map(({ order }) => order);
    const now = wanted.slice(0, this.settings.looksMax);
    if (wanted.length > now.length) count(context, 'looksDeferred', wanted.length - now.length);
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let order = now[next++]; order !== undefined; order = now[next++]) await this.engine.lookAt(order.id);
    };
    await Promise.all(Array.from({ length: this.settings.looksAtOnce }, worker));
    count(context, 'ordersLookedAt', now.length);
  }

  /** Writes down what was found, and closes what agrees now. */
  private async report(context: RunContext, findings: readonly OrderFinding[]): Promise<void> {
    assertHeld(context);
    const { name } = context.door;
    const nowMs = this.clock.nowMs();
    const open = new Map(this.engine.openOrders(name).map((order) => [order.id, order]));
    for (const finding of findings) {
      await this.discrepancies.see({ account: name, kind: finding.kind, subject: finding.order.id, detail: detailOf(finding) }, nowMs);
    }
    const standing = new Set(findings.filter((finding) => stands(finding, open)).map((finding) => `${finding.kind} ${finding.order.id}`));
    for (const { kind, order } of findings) {
      if (!standing.has(`${kind} ${order.id}`)) continue;
      context.waiting.add(kind);
      if (kind === 'fills-missing') context.dirtySymbols.add(order.symbol);
    }
    count(context, 'orderFindings', findings.length);
    for (const found of await this.discrepancies.openOf(name)) {
      const ended = found.kind === 'late-appearance' && !open.has(found.subject);
      const agrees = KINDS.has(found.kind) && !standing.has(`${found.kind} ${found.subject}`);
      if (ended || agrees) await this.close(found, open.has(found.subject), nowMs);
    }
  }

  private async close(found: Discrepancy, isOpen: boolean, atMs: number): Promise<void> {
    const repair = isOpen ? 'what the venue says was taken in' : 'the order has ended, as the venue says';
    await this.discrepancies.close(found.account, found.kind, [found.subject], { state: 'repaired', repair, atMs });
  }
}

function stands({ kind, order, report }: OrderFinding, open: ReadonlyMap<string, OrderBrief>): boolean {
  const now = open.get(order.id);
  if (now === undefined || isFinal(now.status)) return false;
  switch (kind) {
    case 'order-not-listed':
      return true;
    case 'fills-missing':
      return report?.filledQuantity?.gt(now.filledQuantity) === true;
    case 'order-unacknowledged':
      return !now.acknowledged || now.status === 'unknown';
  }
}

function detailOf({ order, report }: OrderFinding): Record<string, string | null> {
  return {
    symbol: order.symbol,
    venueClientId: order.venueClientId,
    ourStatus: order.status,
    ourFilled: decimalText(order.filledQuantity),
    venueStatus: report?.status ?? null,
    venueFilled: report?.filledQuantity == null ? null : decimalText(report.filledQuantity),
  };
}
