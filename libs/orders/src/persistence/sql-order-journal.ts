import { Database, GroupCommit, GroupCommitClosedError, GroupCommitFullError, sqlState } from '#libs/database';
import { IdSource, Scheduler } from '#libs/kernel';
import type { OrderId } from '#libs/kernel';
import { JournalUnavailable, OrderJournal, UnknownCommit } from '../application/order-journal.js';
import type { Beginning, BeginOutcome, Change } from '../application/order-journal.js';
import { OrderLog } from '../application/order-log.js';
import { BehindWriter } from './behind-writer.js';
import { BEGIN_TEXT, beginValues } from './begin.statement.js';
import { RECORD_TEXT, recordedChange, recordValues } from './record.statement.js';
import type { RecordedChange } from './record.statement.js';

export interface SqlOrderJournalOptions {
  readonly maxBatch: number;
  readonly maxWaiting: number;
}

const RECORD_BATCH_MAX = 512;
const RECORD_LINGER_MS = 25;
const RECORD_RETRY_MS = 250;

/** The journal in Postgres: beginnings by group commit, everything later behind. */
export class SqlOrderJournal extends OrderJournal {
  private readonly beginnings: GroupCommit<Beginning, BeginOutcome>;
  private readonly behind: BehindWriter<RecordedChange>;
  private readonly nextId: () => string;

  constructor(
    private readonly database: Database,
    ids: IdSource,
    scheduler: Scheduler,
    private readonly log: OrderLog,
    options: SqlOrderJournalOptions,
  ) {
    super();
    this.nextId = () => ids.uuid();
    this.beginnings = new GroupCommit({ ...options, concurrency: 2, flush: (items) => this.writeBeginnings(items) });
    this.behind = new BehindWriter(
      {
        maxBatch: RECORD_BATCH_MAX,
        lingerMs: RECORD_LINGER_MS,
        retryMs: RECORD_RETRY_MS,
        write: (items) => this.writeRecords(items),
        onPoison: (item, error) =>
          this.log.error('order event refused by the database and put aside', {
            orderId: item.change.after.terms.id,
            type: item.change.stored.event.type,
            sqlState: sqlState(error),
          }),
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
      // The server's own "no" rolled the statement back; everything else leaves it open whether it was committed.
      if (sqlState(error) === null) throw new UnknownCommit('the verdict on the commit did not arrive', { cause: error });
      return this.beginAlone(beginning);
    }
  }

  record(change: Change): void {
    this.behind.add(recordedChange(change, this.nextId));
  }

  recordDurably(change: Change): Promise<void> {
    return this.behind.addDurably(recordedChange(change, this.nextId));
  }

  async flushed(timeoutMs: number): Promise<void> {
    if (this.behind.backlog() === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new JournalUnavailable('the journal is behind')), timeoutMs);
    });
    await Promise.race([this.behind.flushed(), late]).finally(() => clearTimeout(timer));
  }

  backlog(): number {
    return this.behind.backlog();
  }

  async holds(id: OrderId): Promise<boolean> {
    const { rowCount } = await this.database.query('orders.holds', 'SELECT 1 FROM orders WHERE id = $1', [id]);
    return rowCount > 0;
  }

  /** One order that the database refuses must not take the others of its batch with it. */
  private async beginAlone(beginning: Beginning): Promise<BeginOutcome> {
    try {
      const [outcome] = await this.writeBeginnings([beginning]);
      return outcome!;
    } catch (error) {
      if (sqlState(error) === null) throw new UnknownCommit('the verdict on the commit did not arrive', { cause: error });
      this.log.error('order refused by the database', { orderId: beginning.state.terms.id, sqlState: sqlState(error) });
      throw new JournalUnavailable('the database refused the order', { cause: error });
    }
  }

  private async writeBeginnings(items: readonly Beginning[]): Promise<readonly BeginOutcome[]> {
    const { rows } = await this.database.query<{ id: string }>('orders.begin', BEGIN_TEXT, beginValues(items, this.nextId));
    if (rows.length === items.length) return items.map(() => 'journaled');
    const begun = new Set(rows.map((row) => row.id));
    return items.map((item) => (begun.has(item.state.terms.id) ? 'journaled' : 'taken'));
  }

  private async writeRecords(items: readonly RecordedChange[]): Promise<void> {
    await this.database.query('orders.record', RECORD_TEXT, recordValues(items));
  }
}
