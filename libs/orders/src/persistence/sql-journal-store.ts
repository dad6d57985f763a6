import type { BatchDatabase } from '#libs/database';
import { DatabaseUnavailableError, UnknownCommitError, isConnectionFault, isTransient, sqlState } from '#libs/database';
import type { IdSource, OrderId } from '#libs/kernel';
import type { CrashPoints } from '../application/crash-points.js';
import type { Beginning, BeginOutcome } from '../application/order-journal.js';
import { BEGIN_TEXT, beginValues } from './begin.statement.js';
import type { BegunRow } from './begin.statement.js';
import { JournalStore, StoreFault, permitKey } from './journal-store.js';
import type { HeldOrder, JournalItem, Written } from './journal-store.js';
import { RECORD_TEXT, recordValues } from './record.statement.js';

const HELD = `
  SELECT id AS order_id,
    (SELECT coalesce(jsonb_object_agg(version, event_id), '{}') FROM order_events WHERE order_id = wanted.id) AS events,
    (SELECT coalesce(jsonb_object_agg(kind, request_hash), '{}') FROM open_attempts WHERE order_id = wanted.id) AS attempts,
    EXISTS (SELECT FROM order_outbox WHERE order_id = wanted.id AND version = 1) AS announced
  FROM unnest($1::uuid[]) AS wanted (id)`;

interface HeldRow {
  readonly order_id: string;
  readonly events: Record<string, string | null>;
  readonly attempts: Record<string, string>;
  readonly announced: boolean;
}

const UNIQUE_VIOLATION = '23505';

/** The journal's rows in Postgres; each call is one statement, which is one transaction. */
export class SqlJournalStore extends JournalStore {
  constructor(
    private readonly database: BatchDatabase,
    private readonly ids: IdSource,
    private readonly points: CrashPoints,
  ) {
    super();
  }

  async begin(items: readonly Beginning[]): Promise<readonly BeginOutcome[]> {
    const values = beginValues(items, () => this.ids.uuid());
    const { rows } = await this.guarded(() => this.database.query<BegunRow & Record<string, unknown>>('orders.begin', BEGIN_TEXT, values));
    const outcomes = new Map(rows.map((row) => [row.id, row.outcome]));
    return items.map((item) => outcomes.get(item.state.terms.id) ?? 'taken');
  }

  async record(items: readonly JournalItem[]): Promise<Written> {
    this.points.reach('journal.before-write');
    const { rows } = await this.guarded(() =>
      this.database.query<{ order_id: string; kind: string }>('orders.record', RECORD_TEXT, recordValues(items)),
    );
    this.points.reach('journal.after-write');
    return { granted: new Set(rows.map((row) => permitKey(row.order_id, row.kind))) };
  }

  async held(orderIds: readonly OrderId[]): Promise<ReadonlyMap<OrderId, HeldOrder>> {
    const { rows } = await this.guarded(() => this.database.query<HeldRow & Record<string, unknown>>('orders.held', HELD, [orderIds]));
    return new Map(rows.map((row) => [row.order_id as OrderId, heldFrom(row)]));
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw faultOf(error);
    }
  }
}

function heldFrom(row: HeldRow): HeldOrder {
  return {
    eventIds: new Map(Object.entries(row.events).map(([version, id]) => [Number.parseInt(version, 10), id ?? ''])),
    isAnnounced: row.announced,
    openAttempts: new Map(Object.entries(row.attempts)),
  };
}

/** The server's own "no" rolled the statement back; everything else leaves it open whether it was committed. */
function faultOf(error: unknown): StoreFault {
  if (error instanceof DatabaseUnavailableError) return new StoreFault(error.outcome, { cause: error });
  const state = sqlState(error);
  if (state === null || error instanceof UnknownCommitError || isConnectionFault(error)) return new StoreFault('unknown', { cause: error });
  if (state === UNIQUE_VIOLATION) return new StoreFault('duplicate', { cause: error, detail: state });
  const refused = /^(22|23|42)/.test(state) && !isTransient(error);
  return new StoreFault(refused ? 'refused' : 'not-done', { cause: error, detail: state });
}
