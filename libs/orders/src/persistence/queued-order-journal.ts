import { auditRow, canonicalJson } from '#libs/audit';
import { GroupCommit, GroupCommitClosedError, GroupCommitFullError } from '#libs/database';
import type { IdSource, OrderId, Scheduler } from '#libs/kernel';
import { JournalUnavailable, OrderJournal, UnknownCommit } from '../application/order-journal.js';
import type { Beginning, BeginOutcome, Change, ConflictListener } from '../application/order-journal.js';
import type { OrderLog } from '../application/order-log.js';
import { actorOf } from './audit-actor.js';
import { BehindWriter } from './behind-writer.js';
import { eventData } from './event.mapper.js';
import { StoreFault, permitKey } from './journal-store.js';
import type { HeldOrder, JournalItem, JournalStore, RecordedChange, Written } from './journal-store.js';

export interface JournalOptions {
  readonly maxBatch: number;
  readonly maxWaiting: number;
  /** Runs the first flush of an idle group commit; for virtual time. */
  readonly defer?: (run: () => void) => void;
}

const RECORD_BATCH_MAX = 512;
const RECORD_LINGER_MS = 25;
const RECORD_RETRY_MS = 250;
const NOTHING_GRANTED: Written = { granted: new Set() };

/** The journal over a store: beginnings by group commit, everything later behind, and whatever another replica wrote first given back. */
export class QueuedOrderJournal extends OrderJournal {
  private readonly beginnings: GroupCommit<Beginning, BeginOutcome>;
  private readonly behind: BehindWriter<JournalItem, boolean>;
  private readonly conflictListeners: ConflictListener[] = [];
  private readonly writtenListeners: ((accounts: readonly string[]) => void)[] = [];

  constructor(
    private readonly store: JournalStore,
    private readonly ids: IdSource,
    private readonly scheduler: Scheduler,
    private readonly log: OrderLog,
    options: JournalOptions,
  ) {
    super();
    this.beginnings = new GroupCommit({ ...options, concurrency: 2, flush: (items) => this.store.begin(items) });
    this.behind = new BehindWriter(
      {
        maxBatch: RECORD_BATCH_MAX,
        lingerMs: RECORD_LINGER_MS,
        retryMs: RECORD_RETRY_MS,
        write: (items) => this.write(items),
        onPoison: (item, error) => this.tellPoison(item, error),
        onFault: (error, backlog) =>
          this.log.warn('journal behind: the database does not take it', {
            backlog,
            error: error instanceof Error ? error.name : 'unknown',
          }),
      },
      scheduler,
    );
  }

  async begin(beginning: Beginning): Promise<BeginOutcome> {
    try {
      return await this.beginnings.add(beginning);
    } catch (error) {
      if (error instanceof GroupCommitFullError || error instanceof GroupCommitClosedError)
        throw new JournalUnavailable('too many orders wait for the journal', { cause: error });
      if (!(error instanceof StoreFault) || error.failure === 'unknown')
        throw new UnknownCommit('the verdict on the commit did not arrive', { cause: error });
      if (error.failure === 'not-done') throw new JournalUnavailable('the journal cannot be written now', { cause: error });
      return this.beginAlone(beginning);
    }
  }

  announce(account: string, orderId: OrderId): void {
    this.behind.add({ kind: 'announcement', account, orderId });
  }

  record(change: Change): void {
    this.behind.add(this.recorded(change));
  }

  recordDurably(change: Change): Promise<void> {
    return this.behind.addDurably(this.recorded(change)).then(() => undefined);
  }

  permit(change: Change): Promise<boolean> {
    return this.behind.addDurably(this.recorded(change));
  }

  async flushed(timeoutMs: number): Promise<void> {
    if (this.behind.backlog() === 0) return;
    let cancel: () => void = () => {};
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.scheduler.after(timeoutMs, () => reject(new JournalUnavailable('the journal is behind')));
    });
    await Promise.race([this.behind.flushed(), late]).finally(() => cancel());
  }

  backlog(): number {
    return this.behind.backlog();
  }

  async holds(id: OrderId): Promise<boolean> {
    return ((await this.store.held([id])).get(id)?.eventIds.size ?? 0) > 0;
  }

  onConflict(listener: ConflictListener): void {
    this.conflictListeners.push(listener);
  }

  onWritten(listener: (accounts: readonly string[]) => void): void {
    this.writtenListeners.push(listener);
  }

  /** One order that the database refuses must not take the others of its batch with it. */
  private async beginAlone(beginning: Beginning): Promise<BeginOutcome> {
    try {
      const [outcome] = await this.store.begin([beginning]);
      return outcome!;
    } catch (error) {
      if (!(error instanceof StoreFault) || error.failure === 'unknown')
        throw new UnknownCommit('the verdict on the commit did not arrive', { cause: error });
      this.log.error('order refused by the database', { orderId: beginning.state.terms.id, reason: error.message });
      throw new JournalUnavailable('the database refused the order', { cause: error });
    }
  }

  private async write(items: readonly JournalItem[]): Promise<readonly boolean[]> {
    const written = await this.writeOnce(items);
    this.tellWritten(items);
    const granted = new Set(written.granted);
    // A permit that was given belongs to one: of two that asked for the same in one write, to the first.
    return items.map((item) => item.kind === 'change' && granted.delete(grantOf(item) ?? ''));
  }

  private async writeOnce(items: readonly JournalItem[]): Promise<Written> {
    try {
      return await this.store.record(items);
    } catch (error) {
      if (!(error instanceof StoreFault) || error.failure !== 'duplicate') throw error;
      return this.sortOut(items);
    }
  }

  /**
   * Something of the batch is in the journal already: our own, where the verdict on an earlier commit was lost, or another replica's,
   * which was first. Ours is done; the orders of the other replica go back to the engine, with all that we still had to say about them.
   */
  private async sortOut(items: readonly JournalItem[]): Promise<Written> {
    const held = await this.store.held([...new Set(items.map(orderIdOf))]);
    const overtaken = new Set([...items.filter((item) => isOvertaken(item, held)), ...contradicting(items)].map(orderIdOf));
    const left = items.filter((item, index) => {
      if (isHeld(item, held)) return false;
      // Told by its client's call and by a sweep at the same time.
      if (item.kind === 'announcement')
        return items.findIndex((other) => other.kind === 'announcement' && other.orderId === item.orderId) === index;
      return !overtaken.has(orderIdOf(item));
    });
    const ours = items.filter((item) => item.kind === 'change' && isHeld(item, held)) as RecordedChange[];
    const written = left.length === 0 ? NOTHING_GRANTED : await this.store.record(left);
    for (const orderId of overtaken) this.giveBack(orderId, items);
    return { granted: new Set([...written.granted, ...ours.filter((item) => isOpenPermit(item, held)).map((item) => grantOf(item)!)]) };
  }

  private giveBack(orderId: OrderId, batch: readonly JournalItem[]): void {
    const later = this.behind.withdraw((item) => orderIdOf(item) === orderId);
    const changes = [...batch.filter((item) => orderIdOf(item) === orderId), ...later].flatMap((item) =>
      item.kind === 'change' ? [item.change] : [],
    );
    this.log.warn('another replica wrote to an order first', { orderId, changes: changes.length });
    for (const listener of this.conflictListeners) listener(orderId, changes);
  }

  private tellWritten(items: readonly JournalItem[]): void {
    if (this.writtenListeners.length === 0) return;
    const accounts = [...new Set(items.map((item) => (item.kind === 'change' ? item.change.after.terms.account : item.account)))];
    for (const listener of this.writtenListeners) listener(accounts);
  }

  private tellPoison(item: JournalItem, error: unknown): void {
    this.log.error('order event refused by the database and put aside', {
      orderId: orderIdOf(item),
      type: item.kind === 'change' ? item.change.stored.event.type : item.kind,
      reason: error instanceof Error ? error.message : 'unknown',
    });
  }

  private recorded(change: Change): RecordedChange {
    const { stored, after } = change;
    const data = eventData(stored.event);
    const eventId = this.ids.uuid();
    const audit = auditRow(
      {
        type: `order.${stored.event.type}`,
        actor: actorOf(stored.event, after),
        account: after.terms.account,
        subject: { kind: 'order', id: after.terms.id },
        correlationId: stored.correlationId,
        data: { ...data, status: after.status, version: stored.version },
      },
      eventId,
      stored.atMs,
    );
    const fills = change.fills.map((fill) => ({ id: this.ids.uuid(), fill, change }));
    return { kind: 'change', change, eventId, audit, json: canonicalJson(data), fills };
  }
}

function orderIdOf(item: JournalItem): OrderId {
  return item.kind === 'change' ? item.change.after.terms.id : item.orderId;
}

function isHeld(item: JournalItem, held: ReadonlyMap<OrderId, HeldOrder>): boolean {
  const order = held.get(orderIdOf(item));
  if (order === undefined) return false;
  return item.kind === 'change' ? order.eventIds.get(item.change.stored.version) === item.eventId : order.isAnnounced;
}

function isOvertaken(item: JournalItem, held: ReadonlyMap<OrderId, HeldOrder>): boolean {
  if (item.kind !== 'change') return false;
  const there = held.get(orderIdOf(item))?.eventIds.get(item.change.stored.version);
  return there !== undefined && there !== item.eventId;
}

/** Changes under the same version of the same order within one batch: this process lost the account and took it again between them. */
function contradicting(items: readonly JournalItem[]): readonly JournalItem[] {
  const versions = new Set<string>();
  return items.filter((item) => {
    if (item.kind !== 'change') return false;
    const key = `${orderIdOf(item)} ${item.change.stored.version}`;
    if (versions.has(key)) return true;
    versions.add(key);
    return false;
  });
}

function isOpenPermit(item: RecordedChange, held: ReadonlyMap<OrderId, HeldOrder>): boolean {
  const { event } = item.change.stored;
  return event.type === 'permitted' && held.get(orderIdOf(item))?.openAttempts.get(event.intent) === event.attempt.hash;
}

function grantOf(item: RecordedChange): string | null {
  const { event } = item.change.stored;
  return event.type === 'permitted' ? permitKey(item.change.after.terms.id, event.intent) : null;
}
