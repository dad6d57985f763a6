import type { PermitRow } from '../store/memory-database.js';
import type { WireRecord } from '../network/wire-tap.js';
import type { Checker, Evidence } from './checker.js';

function permitsByHash({ run }: Evidence): ReadonlyMap<string, PermitRow> {
  return new Map(run.fleet.database.permits.map((permit) => [permit.attempt.hash, permit]));
}

function commands({ run }: Evidence): readonly WireRecord[] {
  return run.fleet.world.tap.commands();
}

const oneOrderPerIntent: Checker = {
  invariant: 'INV-01',
  about: 'at most one venue order per intent, counted at the venue',
  check({ orders, atVenue }, findings) {
    for (const { row } of orders) {
      const count = atVenue.get(row.terms.venueClientId)?.length ?? 0;
      findings.expect(count <= 1, () => `order ${row.terms.id} is ${count} orders at the venue`);
    }
  },
};

const everyOrderIsJournaled: Checker = {
  invariant: 'INV-02',
  about: 'every venue order under our keys maps to one intent, committed earlier, or is external',
  check(evidence, findings) {
    const { run, orders, atVenue } = evidence;
    const rows = new Map(orders.map(({ row }) => [row.terms.venueClientId, row]));
    const accepted = new Map(commands(evidence).map((record) => [record.acceptedOrderId, record]));
    for (const [clientId, venueOrders] of atVenue) {
      const row = rows.get(clientId);
      findings.expect(row !== undefined || clientId.startsWith('by-hand-'), () => `the venue holds ${clientId}, which no journal knows`);
      if (row === undefined) continue;
      for (const order of venueOrders) {
        const sentAtMs = accepted.get(String(order.orderId))?.atMs ?? run.fleet.world.time.elapsedMs;
        findings.expect(row.committedAtMs <= sentAtMs, () => `order ${row.terms.id} was sent before it was journaled`);
      }
    }
  },
};

const noByteWithoutPermit: Checker = {
  invariant: 'INV-03',
  about: 'no byte on the wire without a committed attempt of equal hash; each attempt is sent once',
  check(evidence, findings) {
    const permits = permitsByHash(evidence);
    const sent = new Set<string>();
    for (const record of commands(evidence)) {
      const permit = permits.get(record.hash);
      const what = (): string =>
        `${record.method} ${record.path} of ${record.clientOrderId ?? 'no order'} by ${record.replica} at ${record.atMs}`;
      findings.expect(permit !== undefined, () => `${what()} has no permit`);
      findings.expect(
        permit === undefined || permit.committedAtMs <= record.atMs,
        () => `${what()} was sent before its permit was committed`,
      );
      findings.expect(!sent.has(record.hash), () => `${what()} was sent twice under one permit`);
      sent.add(record.hash);
    }
    for (const permit of overlapping(evidence))
      findings.expect(false, () => `order ${permit.orderId} had two open attempts to ${permit.intent}`);
  },
};

/** Permits of one intent that were given while an earlier one could still be carried out at the venue. */
function overlapping({ run }: Evidence): readonly PermitRow[] {
  const last = new Map<string, PermitRow>();
  const found: PermitRow[] = [];
  for (const permit of run.fleet.database.permits) {
    const key = `${permit.orderId} ${permit.intent}`;
    const earlier = last.get(key);
    if (permit.intent === 'place' && earlier !== undefined && permit.attempt.number <= earlier.attempt.number) found.push(permit);
    last.set(key, permit);
  }
  return found;
}

const fencesNeverFall: Checker = {
  invariant: 'INV-04',
  about: 'a permit carries a fencing token at least as high as every earlier one of its account',
  check({ run }, findings) {
    const highest = new Map<string, number>();
    for (const { account, attempt, orderId } of run.fleet.database.permits) {
      const before = highest.get(account) ?? 0;
      findings.expect(attempt.fence >= before, () => `order ${orderId} was permitted under token ${attempt.fence} after ${before}`);
      highest.set(account, Math.max(before, attempt.fence));
    }
  },
};

/** A clock is read to the millisecond, and an offset is known within half a round trip. */
const CLOCK_SLACK_MS = 50;

const nothingIsLate: Checker = {
  invariant: 'INV-05',
  about: 'nothing is written after its deadline; no order is permitted while a kill switch holds its scope',
  check(evidence, findings) {
    for (const record of commands(evidence)) {
      const { timestamp, recvWindow, written } = record;
      if (timestamp === null || recvWindow === null) continue;
      findings.expect(
        written.venueMs <= timestamp + recvWindow + CLOCK_SLACK_MS,
        () =>
          `${record.method} ${record.clientOrderId ?? ''} by ${record.replica} was written ${written.venueMs - timestamp - recvWindow} ms late`,
      );
    }
    const { database } = evidence.run.fleet;
    for (const permit of database.permits) {
      if (permit.intent === 'cancel') continue;
      const holding = evidence.run.disasters.killPeriods.find(
        ({ scope, fromMs, toMs }) => isInScope(scope, permit.account) && fromMs < permit.committedAtMs && permit.committedAtMs < toMs,
      );
      findings.expect(holding === undefined, () => `order ${permit.orderId} was permitted while the kill switch of ${holding?.scope} held`);
    }
  },
};

function isInScope(scope: string, account: string): boolean {
  return scope === 'all' || scope === 'venue:binance' || scope === `account:${account}`;
}

/** What leaves us, and under which right. */
export const SENDING: readonly Checker[] = [oneOrderPerIntent, everyOrderIsJournaled, noByteWithoutPermit, fencesNeverFall, nothingIsLate];
