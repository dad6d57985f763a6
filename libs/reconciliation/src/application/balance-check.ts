import { Injectable } from '@nestjs/common';
import { Clock, ZERO, decimal, decimalText, isDecimalText } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import { judgeBalance, postTransfer, touchedBy } from '../domain/index.js';
import type { AssetLook, BalanceVerdict, DriftHistory } from '../domain/index.js';
import { BalanceLook } from './balance-look.js';
import type { Look } from './balance-look.js';
import { DiscrepancyStore } from './discrepancy-store.js';
import type { Discrepancy } from './discrepancy-store.js';
import { EngineView } from './engine-view.js';
import { Ledger } from './ledger.js';
import { PendingTransfers } from './pending-transfers.js';
import { ReconciliationLog } from './reconciliation-log.js';
import { ReconciliationMetrics } from './reconciliation-metrics.js';
import { ReconciliationSettings } from './reconciliation-settings.js';
import { assertHeld, count } from './run-context.js';
import type { RunContext } from './run-context.js';
import { venueNowMs } from './venue-time.js';

const DRIFT = 'balance-drift';
/** Settled once every total agrees with them booked; also a missing fill whose end was not written because the database went away. */
const SETTLED_BY_AGREEMENT = ['overfill', 'fill-voided', 'missing-fill'] as const;

interface Judged {
  readonly look: AssetLook;
  readonly verdict: BalanceVerdict;
}

/** Compares what the venue says an account holds with what everything posted says, to the last digit, and explains or shows the rest. */
@Injectable()
export class BalanceCheck {
  constructor(
    private readonly balances: BalanceLook,
    private readonly engine: EngineView,
    private readonly ledger: Ledger,
    private readonly discrepancies: DiscrepancyStore,
    private readonly pending: PendingTransfers,
    private readonly metrics: ReconciliationMetrics,
    private readonly clock: Clock,
    private readonly settings: ReconciliationSettings,
    private readonly log: ReconciliationLog,
  ) {}

  async run(context: RunContext, symbols: ReadonlySet<string>): Promise<void> {
    const { name } = context.door;
    let look = await this.balances.take(context, symbols);
    assertHeld(context);
    if (look.ledger.openedAtMs === null) return this.open(context, look);
    const open = await this.discrepancies.openOf(name);
    // Before each verdict: an account that went to another replica looks here as if nothing were open.
    assertHeld(context);
    let judged = this.judge(context, look, open);
    const unequal = new Set(judged.filter(({ verdict }) => verdict.kind !== 'equal').map((one) => one.look.asset));
    // Quiet markets too, before anything is said of a difference that one of their trades would explain.
    const quiet = unequal.size === 0 ? new Set<string>() : await this.quietMarkets(context, unequal, symbols);
    if (quiet.size > 0) {
      look = await this.balances.again(context, look, quiet);
      assertHeld(context);
      judged = this.judge(context, look, open);
    }
    for (const one of judged) await this.conclude(context, one, open);
    this.pending.drop(name, ({ asset, venueTimeMs }) => isOver(asset, venueTimeMs, judged, look.sinceMs - this.settleMs(context)));
    await this.settleIncidents(context, judged, open);
  }

  /** Longer than anything the venue says may lag behind what it does, ms. */
  settleMs({ door }: Pick<RunContext, 'door'>): number {
    return door.exchange.capabilities.visibilityLagMs;
  }

  /** What the account held before there was a ledger: taken at a moment at which nothing is moving. */
  private async open(context: RunContext, look: Look): Promise<void> {
    if (!look.complete || look.hasNewer) {
      context.waiting.add('opening-balances');
      return;
    }
    // An answer may have taken long to come. Two that are equal say that nothing moved between them: that is where the ledger begins.
    const betweenMs = venueNowMs(context.door, this.clock);
    const again = await this.balances.totals(context);
    if (!isEqual(look.venue, again)) {
      context.waiting.add('opening-balances');
      return;
    }
    const opened = await this.ledger.open(context.door.name, look.venue, betweenMs);
    if (opened) this.log.info('ledger opened', { account: context.door.name, assets: look.venue.size });
  }

  private async quietMarkets({ door }: RunContext, assets: ReadonlySet<string>, swept: ReadonlySet<string>): Promise<Set<string>> {
    const touching = await this.balances.markets(door, assets);
    // Also markets that nobody has looked into: where two assets differ, somebody may have traded one for the other.
    const between = [...assets].flatMap((base) => [...assets].map((quote) => `${base}/${quote}`));
    const tradable = between.filter((symbol) => door.exchange.instrument(symbol) !== undefined);
    return new Set([...touching, ...tradable].filter((symbol) => !swept.has(symbol)));
  }

  private judge(context: RunContext, look: Look, open: readonly Discrepancy[]): readonly Judged[] {
    const { name } = context.door;
    const unknown = new Set(this.engine.unknownAssets(name));
    const dirty = new Set([...context.dirtySymbols, ...look.ledger.inferredSymbols].flatMap(touchedBy));
    const drifts = new Map(open.filter(({ kind }) => kind === DRIFT).map((drift) => [drift.subject, historyOf(drift)]));
    const nowMs = venueNowMs(context.door, this.clock);
    const rule = { looks: this.settings.driftLooks, settleMs: this.settleMs(context) };
    return [...new Set([...look.venue.keys(), ...look.ledger.totals.keys()])].toSorted().map((asset) => {
      const one: AssetLook = {
        asset,
        venueTotal: look.venue.get(asset) ?? ZERO,
        expected: look.ledger.totals.get(asset) ?? ZERO,
        recent: look.ledger.recent.get(asset) ?? [],
        unsettled: unknown.has(asset) ? 'unknown-order' : dirty.has(asset) ? 'missing-fill' : null,
        pending: this.pending.of(name, asset),
        history: drifts.get(asset) ?? null,
        historyComplete: look.complete,
      };
      return { look: one, verdict: judgeBalance(one, nowMs, rule) };
    });
  }

  private async conclude(context: RunContext, { look, verdict }: Judged, open: readonly Discrepancy[]): Promise<void> {
    const { name } = context.door;
    const drift = open.find(({ kind, subject }) => kind === DRIFT && subject === look.asset);
    count(context, verdict.kind === 'equal' ? 'totalsEqual' : 'totalsUnequal');
    switch (verdict.kind) {
      case 'equal':
        if (drift !== undefined) await this.close(name, look.asset, 'repaired', 'the totals agree again');
        return;
      case 'not-comparable':
        context.waiting.add(`${look.asset}: ${verdict.why}`);
        return;
      case 'reported':
        return this.bookReported(context, look, verdict.transfers);
      case 'unreported':
        return this.bookUnreported(context, look, verdict, drift);
      case 'differs': {
        context.differs.add(look.asset);
        await this.see(context, look, verdict);
        if (verdict.looks !== 2) return;
        this.metrics.balanceDrift();
        this.log.error('balance differs at the venue', {
          account: name,
          asset: look.asset,
          difference: decimalText(verdict.difference),
        });
      }
    }
  }

  private async bookReported(
    context: RunContext,
    { asset }: AssetLook,
    transfers: Extract<BalanceVerdict, { kind: 'reported' }>['transfers'],
  ): Promise<void> {
    const account = context.door.name;
    const postings = transfers.map(({ amount, venueTimeMs }) =>
      postTransfer({ account, asset, amount, atMs: venueTimeMs, reason: 'reported', key: `${venueTimeMs}:${decimalText(amount)}` }),
    );
    await this.ledger.post(account, postings);
    this.pending.drop(account, (transfer) => transfers.includes(transfer));
    count(context, 'transfersReported', transfers.length);
    await this.close(account, asset, 'explained', 'booked as transfers that the venue told of');
  }

  private async bookUnreported(
    context: RunContext,
    look: AssetLook,
    verdict: { readonly difference: Decimal; readonly looks: number },
    seen: Discrepancy | undefined,
  ): Promise<void> {
    const { asset } = look;
    const account = context.door.name;
    // The id of the row that the earlier looks wrote is the key of the transfer: whoever comes to the same conclusion from the same row, however
    // late, books the same posting.
    const id = seen?.id ?? (await this.see(context, look, verdict)).id;
    const atMs = this.clock.nowMs();
    await this.ledger.post(account, [postTransfer({ account, asset, amount: verdict.difference, key: id, atMs, reason: 'unreported' })]);
    await this.close(account, asset, 'explained', `booked as an unreported transfer of ${decimalText(verdict.difference)} ${asset}`);
    count(context, 'transfersUnreported');
    this.log.warn('balance difference booked as an unreported transfer', { account, asset, difference: decimalText(verdict.difference) });
  }

  private see(
    { door }: RunContext,
    { asset, venueTotal, expected, history }: AssetLook,
    { difference, looks }: { readonly difference: Decimal; readonly looks: number },
  ): Promise<Discrepancy> {
    const texts = { venue: decimalText(venueTotal), expected: decimalText(expected), difference: decimalText(difference) };
    const nowMs = this.clock.nowMs();
    // Another difference than last time is counted, and timed, from now on.
    const sinceMs = looks === 1 || history === null ? venueNowMs(door, this.clock) : history.sinceMs;
    return this.discrepancies.see({ account: door.name, kind: DRIFT, subject: asset, detail: { ...texts, looks, sinceMs } }, nowMs);
  }

  private async close(account: string, asset: string, state: 'repaired' | 'explained', repair: string): Promise<void> {
    await this.discrepancies.close(account, DRIFT, [asset], { state, repair, atMs: this.clock.nowMs() });
  }

  private async settleIncidents({ door }: RunContext, judged: readonly Judged[], open: readonly Discrepancy[]): Promise<void> {
    if (!judged.every(({ verdict }) => verdict.kind === 'equal')) return;
    for (const kind of SETTLED_BY_AGREEMENT) {
      const subjects = open.filter((found) => found.kind === kind).map(({ subject }) => subject);
      const closing = { state: 'explained' as const, repair: 'booked, and every total agrees with it', atMs: this.clock.nowMs() };
      await this.discrepancies.close(door.name, kind, subjects, closing);
    }
  }
}

function historyOf({ detail }: Discrepancy): DriftHistory | null {
  const { difference, looks, sinceMs } = detail;
  if (!isDecimalText(difference) || typeof looks !== 'number' || typeof sinceMs !== 'number') return null;
  return { difference: decimal(difference), looks, sinceMs };
}

/** A transfer that an agreeing total must hold already. */
function isOver(asset: string, venueTimeMs: number, judged: readonly Judged[], beforeMs: number): boolean {
  return venueTimeMs < beforeMs && judged.some(({ look, verdict }) => look.asset === asset && verdict.kind === 'equal');
}

function isEqual(one: ReadonlyMap<string, Decimal>, other: ReadonlyMap<string, Decimal>): boolean {
  return [...new Set([...one.keys(), ...other.keys()])].every((asset) => (one.get(asset) ?? ZERO).eq(other.get(asset) ?? ZERO));
}
