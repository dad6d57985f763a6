import type { OrderId } from '#libs/kernel';
import { LeaseStore } from '#libs/leases';
import type { HolderRow, Lease, LeaseRequest } from '#libs/leases';
import { isFinal } from '#libs/model';
import { foldAll, JournalStore, OrderReader } from '#libs/orders';
import type { Beginning, BeginOutcome, BookedFill, HeldOrder, JournalItem, OrderState, StoredEvent, Written } from '#libs/orders';
import type { CrashPoints } from '#libs/orders';
import type { DatabaseLine } from './database-line.js';
import type { MemoryDatabase, OrderRow } from './memory-database.js';

/** The journal's rows, over one replica's line. */
export class MemoryJournalStore extends JournalStore {
  constructor(
    private readonly database: MemoryDatabase,
    private readonly line: DatabaseLine,
    private readonly points: CrashPoints,
  ) {
    super();
  }

  begin(items: readonly Beginning[]): Promise<readonly BeginOutcome[]> {
    return this.line.call(() => this.database.begin(items), true);
  }

  async record(items: readonly JournalItem[]): Promise<Written> {
    this.points.reach('journal.before-write');
    const written = await this.line.call(() => this.database.record(items), true);
    this.points.reach('journal.after-write');
    return written;
  }

  held(orderIds: readonly OrderId[]): Promise<ReadonlyMap<OrderId, HeldOrder>> {
    return this.line.call(() => this.database.held(orderIds), false);
  }
}

/** Reads what is committed, over one replica's line. */
export class MemoryOrderReader extends OrderReader {
  constructor(
    private readonly database: MemoryDatabase,
    private readonly line: DatabaseLine,
  ) {
    super();
  }

  byId(id: OrderId): Promise<OrderState | null> {
    return this.line.call(() => stateOf(this.database.orders.get(id)), false);
  }

  byClientOrderId(account: string, clientOrderId: string): Promise<OrderState | null> {
    return this.byKey(`${account} id ${clientOrderId}`);
  }

  byIdempotencyKey(account: string, key: string): Promise<OrderState | null> {
    return this.byKey(`${account} key ${key}`);
  }

  open(account: string): Promise<readonly OrderState[]> {
    return this.line.call(() => this.statesOf(account).filter((state) => this.isOpen(state)), false);
  }

  overfilled(account: string, sinceMs: number): Promise<readonly OrderState[]> {
    const isOverfilled = (state: OrderState): boolean =>
      state.quantity !== null && state.filledQuantity.gt(state.quantity) && state.updatedAtMs >= sinceMs;
    return this.line.call(() => this.statesOf(account).filter(isOverfilled), false);
  }

  openIds(account: string): Promise<readonly OrderId[]> {
    return this.line.call(
      () =>
        this.statesOf(account)
          .filter((state) => this.isOpen(state))
          .map(({ terms }) => terms.id),
      false,
    );
  }

  unannounced(account: string, sinceMs: number): Promise<readonly OrderId[]> {
    return this.line.call(
      () =>
        [...this.database.orders.values()]
          .filter(({ terms }) => terms.account === account && terms.createdAtMs >= sinceMs && !this.database.isAnnounced(terms.id))
          .map(({ terms }) => terms.id),
      false,
    );
  }

  list(): Promise<readonly OrderState[]> {
    return this.line.call(() => [...this.database.orders.values()].map((row) => stateOf(row)!), false);
  }

  history(id: OrderId): Promise<readonly StoredEvent[]> {
    return this.line.call(() => this.database.orders.get(id)?.events.map(({ stored }) => stored) ?? [], false);
  }

  bookedTrades(account: string, symbol: string, venueTradeIds: readonly string[]): Promise<ReadonlySet<string>> {
    return this.line.call(() => {
      const rows = (this.database.fills.get(account) ?? []).filter(
        ({ fill }) => fill.symbol === symbol && venueTradeIds.includes(fill.venueTradeId),
      );
      return new Set(rows.map(({ fill }) => `${fill.venueOrderId}/${fill.venueTradeId}`));
    }, false);
  }

  fills(): Promise<readonly BookedFill[]> {
    return Promise.resolve([]);
  }

  private byKey(key: string): Promise<OrderState | null> {
    return this.line.call(() => {
      const id = this.database.idByKey(key);
      return id === undefined ? null : stateOf(this.database.orders.get(id));
    }, false);
  }

  private statesOf(account: string): OrderState[] {
    return [...this.database.orders.values()].filter(({ terms }) => terms.account === account).map((row) => stateOf(row)!);
  }

  private isOpen(state: OrderState): boolean {
    return !isFinal(state.status) || (this.database.orders.get(state.terms.id)?.openAttempts.size ?? 0) > 0;
  }
}

/** Who holds which account, by the database's clock. */
export class MemoryLeaseStore extends LeaseStore {
  constructor(
    private readonly database: MemoryDatabase,
    private readonly line: DatabaseLine,
    private readonly databaseNowMs: () => number,
  ) {
    super();
  }

  acquire(requests: readonly LeaseRequest[], owner: string, url: string | null, ttlMs: number): Promise<readonly Lease[]> {
    return this.line.call(() => requests.flatMap((request) => this.take(request, owner, url, ttlMs)), true);
  }

  renew(leases: readonly Lease[], owner: string, ttlMs: number): Promise<readonly Lease[]> {
    return this.line.call(
      () =>
        leases.filter(({ account, token }) => {
          const row = this.database.leases.get(account);
          if (row === undefined || row.token !== token || row.owner !== owner || row.expiresAtMs <= this.databaseNowMs()) return false;
          row.expiresAtMs = this.databaseNowMs() + ttlMs;
          return true;
        }),
      true,
    );
  }

  release(leases: readonly Lease[], owner: string): Promise<void> {
    return this.line.call(() => {
      for (const { account, token } of leases) {
        const row = this.database.leases.get(account);
        if (row?.token === token && row.owner === owner) row.expiresAtMs = this.databaseNowMs();
      }
    }, true);
  }

  holders(accounts: readonly string[]): Promise<readonly HolderRow[]> {
    return this.line.call(
      () =>
        accounts.flatMap((account) => {
          const row = this.database.leases.get(account);
          if (row === undefined) return [];
          return [{ account, owner: row.owner, url: row.url, token: row.token, isAlive: row.expiresAtMs > this.databaseNowMs() }];
        }),
      false,
    );
  }

  private take({ account, venue }: LeaseRequest, owner: string, url: string | null, ttlMs: number): Lease[] {
    const row = this.database.leases.get(account);
    if (row !== undefined && row.owner !== owner && row.expiresAtMs > this.databaseNowMs()) return [];
    const token = (row?.token ?? 0) + 1;
    const replaced = row === undefined ? null : { owner: row.owner, expiresAtMs: row.expiresAtMs };
    this.database.leaseGrants.push({ account, owner, token, atMs: this.databaseNowMs(), replaced });
    this.database.leases.set(account, { owner, url, token, expiresAtMs: this.databaseNowMs() + ttlMs });
    this.database.gates.set(account, { venue, token, halted: this.database.gates.get(account)?.halted ?? false });
    return [{ account, token }];
  }
}

function stateOf(row: OrderRow | undefined): OrderState | null {
  return row === undefined ? null : foldAll(row.events.map(({ stored }) => stored));
}
