import { sum, ZERO } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import { fillTxId } from '#libs/reconciliation';
import type { Entry, Posting } from '#libs/reconciliation';
import type { SimFill, SimOrder } from '#libs/venue-simulator';
import { postable } from '../store/memory-ledger.js';
import { ACCOUNTS } from '../workload/run.js';
import type { Checker, Evidence } from './checker.js';

const ledgerAgrees: Checker = {
  invariant: 'INV-17',
  about: "the ledger's totals = the venue's balances after everything has come to rest, to the last digit",
  check({ run }, findings) {
    if (run.settledAtMs === null) return;
    const { reconciliation } = run.fleet.database;
    for (const account of ACCOUNTS) {
      findings.expect(reconciliation.headOf(account).openedAtMs !== null, () => `the ledger of ${account} was never opened`);
      const totals = reconciliation.totalsOf(account);
      const lines = sumByAsset(reconciliation.postingsOf(account).flatMap(({ entries }) => entries.filter(isHolding)));
      for (const { asset, free, locked } of run.fleet.world.venue.exchange.balances(account)) {
        const venue = free.plus(locked);
        const ours = totals.get(asset) ?? ZERO;
        findings.expect(venue.eq(ours), () => `${account}: ${venue.toFixed()} ${asset} at the venue, ${ours.toFixed()} in the ledger`);
        const kept = lines.get(asset) ?? ZERO;
        findings.expect(kept.eq(ours), () => `${account}: the lines of ${asset} sum to ${kept.toFixed()}, the total is ${ours.toFixed()}`);
      }
    }
  },
};

const postingsBalance: Checker = {
  invariant: 'INV-17',
  about: 'every posting sums to zero in each asset',
  check({ run }, findings) {
    for (const { txId, entries } of run.fleet.database.reconciliation.postings.values()) {
      const sums = [...sumByAsset(entries).values()];
      findings.expect(
        sums.every((total) => total.eq(ZERO)),
        () => `the entries of ${txId} do not sum to zero`,
      );
    }
  },
};

const transfersAreDeposits: Checker = {
  invariant: 'INV-17',
  about: 'what is booked as a transfer is money that came in; nothing that was traded is ever taken for one',
  check({ run }, findings) {
    for (const account of ACCOUNTS) {
      const paidIn = (asset: string): readonly Decimal[] =>
        run.deposits.filter((deposit) => deposit.account === account && deposit.asset === asset).map(({ amount }) => amount);
      for (const { txId, entries, reason } of run.fleet.database.reconciliation.postingsOf(account)) {
        if (reason !== 'reported' && reason !== 'unreported') continue;
        for (const { asset, amount } of entries.filter(isHolding)) {
          findings.expect(
            sumsOf(paidIn(asset)).some((total) => total.eq(amount)),
            () => `${txId} books ${amount.toFixed()} ${asset} as ${reason}, which nobody paid in`,
          );
        }
      }
    }
  },
};

const fillsArePostedOnce: Checker = {
  invariant: 'INV-08',
  about: "each fill of ours that stands is posted exactly once, and each of others' orders under our keys as theirs",
  check(evidence, findings) {
    const { run } = evidence;
    if (run.settledAtMs === null) return;
    const { fills, reconciliation } = run.fleet.database;
    for (const account of ACCOUNTS) {
      const rows = fills.get(account) ?? [];
      const wanted = new Set<string>();
      for (const row of rows) {
        const txId = fillTxId(postable(row));
        const voidId = txId.replace(/^fill:/, 'void:');
        const stands = rows.some((one) => !one.isVoided && fillTxId(postable(one)) === txId);
        for (const id of row.isVoided ? [txId, voidId] : [txId]) wanted.add(id);
        findings.expect(reconciliation.postings.has(txId), () => `trade ${row.fill.venueTradeId} of ${row.orderId} is not posted`);
        findings.expect(
          reconciliation.postings.has(voidId) === !stands,
          () => `trade ${row.fill.venueTradeId} of ${row.orderId} ${stands ? 'stands and is' : 'is void and not'} taken back`,
        );
      }
      const posted = reconciliation.postingsOf(account).filter(({ txId }) => txId.startsWith('fill:') || txId.startsWith('void:'));
      const surplus = posted.filter(({ txId }) => !wanted.has(txId));
      findings.expect(surplus.length === 0, () => `posted, and not in the journal: ${surplus.map(({ txId }) => txId).join(', ')}`);
      externalFillsArePosted(evidence, account, (holds, text) => findings.expect(holds, text));
    }
  },
};

function externalFillsArePosted({ run }: Evidence, account: string, expect: (holds: boolean, text: () => string) => void): void {
  const { reconciliation } = run.fleet.database;
  const openedAtMs = reconciliation.headOf(account).openedAtMs ?? 0;
  const left = new Set(
    reconciliation
      .postingsOf(account)
      .filter(isExternal)
      .map(({ txId }) => txId),
  );
  for (const fill of run.fleet.world.venue.exchange.fills(account, null)) {
    if (!isByHand(fill) || fill.atMs < openedAtMs) continue;
    const txId = `external:${account}:${fill.symbol}:${fill.tradeId}:${fill.side}`;
    expect(left.delete(txId), () => `trade ${fill.tradeId} of ${fill.clientOrderId} is not posted as somebody else's`);
  }
  expect(left.size === 0, () => `posted as somebody else's, and not: ${[...left].join(', ')}`);
}

const othersAreLeftAlone: Checker = {
  invariant: 'INV-02',
  about: "an order that somebody placed by hand is shown as external with the venue's own word, and no command of ours names it",
  check({ run }, findings) {
    const { world, database } = run.fleet;
    const named = new Set<string>();
    for (const record of world.tap.commands()) {
      for (const parameter of ['orderId', 'origClientOrderId', 'newClientOrderId', 'cancelOrderId', 'cancelOrigClientOrderId']) {
        const value = record.parameter(parameter);
        if (value !== null && value !== undefined) named.add(value);
      }
    }
    for (const account of ACCOUNTS) {
      const known = database.reconciliation.externals.get(account) ?? new Map<string, never>();
      const openedAtMs = database.reconciliation.headOf(account).openedAtMs ?? 0;
      const fills = world.venue.exchange.fills(account, null);
      // What came and went before the ledger was opened is in its opening.
      const tradedSince = ({ orderId }: SimOrder, sinceMs: number): boolean =>
        fills.some((fill) => fill.orderId === orderId && fill.atMs >= sinceMs);
      const byHand = world.venue.exchange.orders(account, null).filter(isByHand);
      const ids = new Set(byHand.map(({ orderId }) => String(orderId)));
      for (const order of byHand) {
        const isNamed = named.has(order.clientOrderId) || named.has(String(order.orderId));
        findings.expect(!isNamed, () => `a command of ours names ${order.clientOrderId}`);
        if (run.settledAtMs === null) continue;
        const row = known.get(`${order.symbol} ${order.orderId}`);
        const isSeen = row !== undefined || (!isOpen(order) && !tradedSince(order, openedAtMs));
        findings.expect(isSeen, () => `${order.clientOrderId} is ${order.status} at the venue and not among the external orders`);
        findings.expect(isShownRight(order, row?.status), () => `${order.clientOrderId} is ${order.status} and shown as ${row?.status}`);
      }
      for (const row of known.values()) {
        findings.expect(ids.has(row.venueOrderId), () => `order ${row.venueClientId} is shown as external, and nobody placed it by hand`);
      }
    }
  },
};

/** An order that has ended may be shown by what was last heard of it, or as not listed any more; never as one that still trades. */
function isShownRight(order: SimOrder, shown: string | undefined): boolean {
  if (shown === undefined) return true;
  return isOpen(order) ? shown === order.status : shown !== 'new' && shown !== 'partially-filled';
}

const incidentsAreRows: Checker = {
  invariant: 'INV-10',
  about: 'every overfill and every late appearance is a row that people can find',
  check({ run, orders }, findings) {
    if (run.settledAtMs === null) return;
    const rows = new Set(run.fleet.database.reconciliation.discrepancies.map(({ kind, subject }) => `${kind} ${subject}`));
    for (const { row, state } of orders) {
      const { id, quantity } = row.terms;
      const isOverfilled = quantity !== null && state.filledQuantity.gt(quantity);
      findings.expect(!isOverfilled || rows.has(`overfill ${id}`), () => `order ${id} is overfilled, and no row says so`);
      const absentAt = row.events.findIndex(({ stored }) => stored.event.type === 'not-created');
      const appeared =
        absentAt >= 0 &&
        state.acknowledgedAtMs !== null &&
        row.events.slice(absentAt).every(({ stored }) => stored.event.type !== 'permitted');
      findings.expect(!appeared || rows.has(`late-appearance ${id}`), () => `order ${id} appeared late, and no row says so`);
    }
  },
};

const nothingIsLeftOpen: Checker = {
  invariant: 'INV-20',
  about: 'liveness: with the faults healed, every discrepancy is repaired or explained, without a human hand',
  check({ run }, findings) {
    for (const { state, kind, account, subject, detail } of run.fleet.database.reconciliation.discrepancies) {
      findings.expect(state !== 'open', () => `${account}: ${kind} of ${subject} is still open ${JSON.stringify(detail)}`);
    }
  },
};

/** As the venue itself says of an order that can still trade. */
function isOpen({ status }: SimOrder): boolean {
  return status === 'new' || status === 'partially-filled';
}

function isHolding({ book }: Entry): boolean {
  return book === 'holdings';
}

function isExternal({ reason }: Posting): boolean {
  return reason === 'external-fill';
}

function isByHand({ clientOrderId }: SimFill | SimOrder): boolean {
  return clientOrderId.startsWith('by-hand-');
}

function sumByAsset(entries: readonly Entry[]): ReadonlyMap<string, Decimal> {
  const sums = new Map<string, Decimal>();
  for (const { asset, amount } of entries) sums.set(asset, (sums.get(asset) ?? ZERO).plus(amount));
  return sums;
}

/** What some of these add up to, one or more of them. */
function sumsOf(amounts: readonly Decimal[]): readonly Decimal[] {
  const found = new Map<string, Decimal>();
  for (const amount of amounts) {
    for (const total of [ZERO, ...found.values()]) {
      const next = sum([total, amount]);
      found.set(next.toFixed(), next);
    }
  }
  return [...found.values()];
}

/** What the reconciliation booked, showed and left alone. */
export const RECONCILIATION: readonly Checker[] = [
  ledgerAgrees,
  postingsBalance,
  transfersAreDeposits,
  fillsArePostedOnce,
  othersAreLeftAlone,
  incidentsAreRows,
  nothingIsLeftOpen,
];
