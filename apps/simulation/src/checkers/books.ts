import { ZERO } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import type { SimFill } from '#libs/venue-simulator';
import { ACCOUNTS } from '../workload/run.js';
import type { Checker, Evidence } from './checker.js';

const quantitiesAddUp: Checker = {
  invariant: 'INV-07',
  about: 'filled quantity = sum of fills less voids, and never falls without a void',
  check({ run, orders }, findings) {
    const sums = new Map<string, Decimal>();
    for (const rows of run.fleet.database.fills.values()) {
      for (const { orderId, fill, isVoided } of rows) if (!isVoided) sums.set(orderId, (sums.get(orderId) ?? ZERO).plus(fill.quantity));
    }
    for (const { row, state } of orders) {
      const sum = sums.get(row.terms.id) ?? ZERO;
      findings.expect(
        state.filledQuantity.eq(sum),
        () => `order ${row.terms.id} counts ${state.filledQuantity.toFixed()} and has booked ${sum.toFixed()}`,
      );
    }
  },
};

const fillsOnce: Checker = {
  invariant: 'INV-08',
  about: 'a fill has effect exactly once, whatever brought it, and none is ever discarded',
  check({ run, orders }, findings) {
    const ours = new Set(orders.map(({ row }) => row.terms.venueClientId));
    for (const account of ACCOUNTS) {
      const booked = new Map<string, number>();
      for (const { fill, isVoided } of run.fleet.database.fills.get(account) ?? []) {
        if (!isVoided)
          booked.set(keyOf(fill.venueOrderId, fill.venueTradeId), (booked.get(keyOf(fill.venueOrderId, fill.venueTradeId)) ?? 0) + 1);
      }
      for (const fill of run.fleet.world.venue.exchange.fills(account, null)) {
        if (!ours.has(fill.clientOrderId)) continue;
        const times = booked.get(keyOf(String(fill.orderId), String(fill.tradeId))) ?? 0;
        findings.expect(times === 1, () => `trade ${fill.tradeId} of ${fill.clientOrderId} is booked ${times} times`);
        booked.delete(keyOf(String(fill.orderId), String(fill.tradeId)));
      }
      findings.expect(booked.size === 0, () => `booked, and unknown to the venue: ${[...booked.keys()].join(', ')}`);
    }
  },
};

function keyOf(orderId: string, tradeId: string): string {
  return `${orderId}/${tradeId}`;
}

const oneToOne: Checker = {
  invariant: 'INV-15',
  about: 'stored row = fold of its events; event, outbox and audit leaf correspond one to one',
  check({ run, orders }, findings) {
    const { database } = run.fleet;
    const told = new Map<string, number>();
    for (const [account, rows] of database.outbox) {
      rows.forEach((row, index) => findings.expect(row.seq === index + 1, () => `the outbox of ${account} has a gap at ${row.seq}`));
      for (const { orderId, version } of rows) told.set(`${orderId} ${version}`, (told.get(`${orderId} ${version}`) ?? 0) + 1);
    }
    for (const { row } of orders) {
      row.events.forEach(({ stored, eventId }, index) => {
        findings.expect(stored.version === index + 1, () => `order ${row.terms.id} has version ${stored.version} in place ${index + 1}`);
        findings.expect(
          told.get(`${row.terms.id} ${stored.version}`) === 1,
          () => `event ${stored.version} of ${row.terms.id} is in the outbox ${told.get(`${row.terms.id} ${stored.version}`) ?? 0} times`,
        );
        findings.expect(database.audited.has(eventId), () => `event ${stored.version} of ${row.terms.id} has no audit leaf`);
      });
    }
  },
};

const decimalsAreExact: Checker = {
  invariant: 'INV-16',
  about: 'decimals are exact from wire to row',
  check({ orders, atVenue }, findings) {
    for (const { row } of orders) {
      const { terms } = row;
      for (const order of atVenue.get(terms.venueClientId) ?? []) {
        findings.expect(
          terms.price === null || order.price?.eq(terms.price) === true,
          () => `order ${terms.id}: price ${order.price?.toFixed()} at the venue`,
        );
        findings.expect(
          terms.quantity === null || order.originalQuantity.lte(terms.quantity),
          () => `order ${terms.id}: quantity ${order.originalQuantity.toFixed()} at the venue`,
        );
      }
    }
  },
};

const balancesAgree: Checker = {
  invariant: 'INV-17',
  about: "our balances = the venue's after everything has come to rest, to the last digit",
  check(evidence, findings) {
    const { run } = evidence;
    if (run.settledAtMs === null) return;
    for (const account of ACCOUNTS) {
      const expected = expectedTotals(evidence, account);
      for (const { asset, free, locked } of run.fleet.world.venue.exchange.balances(account)) {
        const total = free.plus(locked);
        const ours = expected.get(asset) ?? ZERO;
        findings.expect(total.eq(ours), () => `${account}: ${total.toFixed()} ${asset} at the venue, ${ours.toFixed()} by our books`);
      }
    }
  },
};

/** What the account began with, what was paid in, what others traded by hand, and what we have booked. */
function expectedTotals({ run, orders }: Evidence, account: string): ReadonlyMap<string, Decimal> {
  const { exchange } = run.fleet.world.venue;
  const ours = new Set(orders.map(({ row }) => row.terms.venueClientId));
  const totals = new Map<string, Decimal>(run.openingBalances(account));
  const add = (asset: string, amount: Decimal): void => void totals.set(asset, (totals.get(asset) ?? ZERO).plus(amount));
  for (const { asset, amount } of run.deposits.filter((deposit) => deposit.account === account)) add(asset, amount);
  const trade = (side: string, quantity: Decimal, price: Decimal, fee: { asset: string; amount: Decimal } | null): void => {
    const sign = side === 'buy' ? ONE : MINUS_ONE;
    add('BTC', quantity.times(sign));
    add('USDT', quantity.times(price).times(sign).times(MINUS_ONE));
    if (fee !== null) add(fee.asset, fee.amount.times(MINUS_ONE));
  };
  for (const { fill, isVoided } of run.fleet.database.fills.get(account) ?? [])
    if (!isVoided) trade(fill.side, fill.quantity, fill.price, fill.fee);
  const external = exchange.fills(account, null).filter((fill: SimFill) => !ours.has(fill.clientOrderId));
  for (const fill of external) trade(fill.side, fill.quantity, fill.price, fill.fee);
  return totals;
}

const ONE = ZERO.plus('1');
const MINUS_ONE = ZERO.minus('1');

const noLimitIsBroken: Checker = {
  invariant: 'INV-18',
  about: 'request weight seen by the venue stays within its limit',
  check({ run }, findings) {
    const violations = run.fleet.world.venue.protocol.violations();
    findings.expect(
      violations.length === 0,
      () => `${violations.length} requests broke a rate limit, first ${violations[0]?.request} (${violations[0]?.limit})`,
    );
  },
};

/** What is counted, and whether it adds up. */
export const BOOKS: readonly Checker[] = [quantitiesAddUp, fillsOnce, oneToOne, decimalsAreExact, balancesAgree, noLimitIsBroken];
