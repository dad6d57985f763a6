import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthenticatedKey } from '#libs/access';
import type { AccountStore } from '#libs/accounts';
import type { AuditTrail } from '#libs/audit';
import { ManualClock, decimal } from '#libs/kernel';
import type { Discrepancy, DiscrepancyFilter, DiscrepancyStore } from '../application/discrepancy-store.js';
import type { Reconciler } from '../application/reconciler.js';
import type { Run, RunStore } from '../application/run-store.js';
import type { ExternalOrder, VenueRecords } from '../application/venue-records.js';
import { TEST_NOW_MS, testReport } from '../testing.js';
import { ExternalOrdersController } from './external-orders.controller.js';
import { ReconciliationController } from './reconciliation.controller.js';
import { discrepanciesOut, discrepanciesQuery, externalOrderOut, externalOrdersQuery, runOut } from './reconciliation.schemas.js';

const RUN: Run = {
  id: 'run-1',
  account: 'main',
  cause: 'demand',
  startedAtMs: TEST_NOW_MS,
  finishedAtMs: TEST_NOW_MS + 40,
  outcome: 'agreed',
  counts: { totalsEqual: 9, scope: 'all' },
};

const FOUND: Discrepancy = {
  id: '018bcfe5-6800-7000-8000-000000000003',
  account: 'main',
  kind: 'balance-drift',
  subject: 'USDT',
  state: 'open',
  detail: { difference: '5', looks: 1 },
  firstSeenAtMs: TEST_NOW_MS - 90_000,
  lastSeenAtMs: TEST_NOW_MS,
  seenCount: 2,
  closedAtMs: null,
  repair: null,
};

function key(accounts: readonly string[] | null = null): AuthenticatedKey {
  return { id: 'k1', name: 'k', scopes: ['admin:read', 'admin:write', 'account:read'], accounts } as unknown as AuthenticatedKey;
}

const accounts = { find: async (name: string) => (name === 'main' ? { name } : null) } as unknown as AccountStore;
let held: boolean;
let audited: unknown[];
let asked: DiscrepancyFilter[];
let controller: ReconciliationController;

beforeEach(() => {
  held = true;
  audited = [];
  asked = [];
  const reconciler = { runNow: async () => (held ? RUN : null) } as unknown as Reconciler;
  const rows = [FOUND, { ...FOUND, id: '018bcfe5-6800-7000-8000-000000000002', state: 'repaired', closedAtMs: TEST_NOW_MS - 30_000 }];
  const discrepancies = {
    list: async (filter: DiscrepancyFilter) => {
      asked.push(filter);
      return rows.slice(0, filter.limit);
    },
  } as unknown as DiscrepancyStore;
  const runs = { last: async () => [RUN] } as unknown as RunStore;
  const audit = { record: async (events: unknown[]) => void audited.push(...events) } as unknown as AuditTrail;
  controller = new ReconciliationController(reconciler, discrepancies, runs, accounts, audit, new ManualClock(TEST_NOW_MS));
});

describe('POST /v1/admin/reconcile', () => {
  it('answers the run, and leaves an audit event', async () => {
    const answer = await controller.reconcile({ account: 'main' }, key());
    expect(runOut.parse(answer)).toMatchObject({ id: 'run-1', outcome: 'agreed', startedAt: '2023-11-14T22:13:20.000Z' });
    expect(audited).toMatchObject([{ type: 'reconcile.requested', actor: 'key:k1', account: 'main' }]);
  });

  it('knows no account that the key may not use', async () => {
    await expect(controller.reconcile({ account: 'other' }, key())).rejects.toMatchObject({ code: 'account-not-found' });
    await expect(controller.reconcile({ account: 'main' }, key(['other']))).rejects.toMatchObject({ code: 'account-not-found' });
    expect(audited).toEqual([]);
  });

  it('says when another replica holds the account', async () => {
    held = false;
    await expect(controller.reconcile({ account: 'main' }, key())).rejects.toMatchObject({ code: 'not-ready', status: 503 });
  });
});

describe('GET /v1/admin/reconciliations', () => {
  it('lists what was found with its age, page by page, and the last runs', async () => {
    const all = discrepanciesOut.parse(await controller.list(discrepanciesQuery.parse({}), key()));
    expect(all.data.map(({ state, ageMs }) => [state, ageMs])).toEqual([
      ['open', 90_000],
      ['repaired', 60_000],
    ]);
    expect(all.runs).toHaveLength(1);
    const first = discrepanciesOut.parse(await controller.list(discrepanciesQuery.parse({ limit: '1' }), key()));
    expect(first.data).toHaveLength(1);
    const query = discrepanciesQuery.parse({ cursor: first.nextCursor!, state: 'open', kind: 'balance-drift', account: 'main' });
    await controller.list(query, key(['main']));
    expect(asked.at(-1)).toEqual({ accounts: ['main'], state: 'open', kind: 'balance-drift', before: FOUND.id, limit: 101 });
  });

  it('shows a bound key its own accounts only', async () => {
    await controller.list(discrepanciesQuery.parse({}), key(['main']));
    expect(asked.at(-1)!.accounts).toEqual(['main']);
    const other = discrepanciesQuery.parse({ account: 'other' });
    await expect(controller.list(other, key(['main']))).rejects.toMatchObject({ code: 'forbidden' });
  });

  it.each([{ state: 'gone' }, { kind: 'Not A Kind' }, { limit: '0' }, { what: '1' }])('refuses %j', (query) => {
    expect(discrepanciesQuery.safeParse(query).success).toBe(false);
  });
});

describe('GET /v1/accounts/{name}/external-orders', () => {
  const order = (venueOrderId: string): ExternalOrder => {
    const { symbol, venueClientId, side, type, quantity, price, venueTimeMs } = testReport({ price: decimal('0.00000010') });
    const times = { firstSeenAtMs: TEST_NOW_MS, lastSeenAtMs: TEST_NOW_MS, venueTimeMs };
    return {
      ...{ symbol, venueClientId, side, type, quantity, price },
      ...times,
      account: 'main',
      status: 'new',
      filledQuantity: null,
      venueOrderId,
    };
  };
  const records = { externals: async () => [order('1'), order('2')] } as unknown as VenueRecords;
  const external = new ExternalOrdersController(records, accounts);

  it('shows them with exact amounts, page by page', async () => {
    const query = externalOrdersQuery.parse({ limit: '1' });
    const page = (await external.list({ name: 'main' }, query, key())) as { data: unknown[]; nextCursor: string | null };
    expect(externalOrderOut.parse(page.data[0])).toMatchObject({ venueOrderId: '1', price: '0.0000001', filledQuantity: null });
    expect(page.nextCursor).not.toBeNull();
    await external.list({ name: 'main' }, externalOrdersQuery.parse({ cursor: page.nextCursor! }), key());
  });

  it('knows no account that the key may not use', async () => {
    const query = externalOrdersQuery.parse({});
    await expect(external.list({ name: 'main' }, query, key(['other']))).rejects.toMatchObject({ code: 'account-not-found' });
  });
});
