import { Inject, Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { Database, isTransient } from '#libs/database';
import type { Statements } from '#libs/database';
import { timeText } from '#libs/kernel';
import type { KillScope, KillSwitch } from '../domain/kill-switch.js';
import { HeldUp, KillSwitchStore } from '../application/kill-switch-store.js';
import type { Actor, Engaged } from '../application/kill-switch-store.js';

interface Row {
  readonly scope: KillScope;
  readonly engaged_at: Date;
  readonly engaged_by: string;
  readonly reason: string | null;
  readonly cancel_open_orders: boolean;
}

const COLUMNS = 'scope, engaged_at, engaged_by, reason, cancel_open_orders';
const ALL = `SELECT ${COLUMNS} FROM kill_switches ORDER BY engaged_at, scope`;
const ONE = `SELECT ${COLUMNS} FROM kill_switches WHERE scope = $1 FOR UPDATE`;
const ENGAGE = `
  INSERT INTO kill_switches AS engaged (${COLUMNS}) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (scope) DO UPDATE SET reason = coalesce(excluded.reason, engaged.reason),
    cancel_open_orders = engaged.cancel_open_orders OR excluded.cancel_open_orders
  RETURNING ${COLUMNS}`;
const REMOVE = `DELETE FROM kill_switches WHERE scope = $1 RETURNING ${COLUMNS}`;

/** A process that is paused between two statements must not hold up the others for longer than this. */
const BE_BRIEF = `SET LOCAL idle_in_transaction_session_timeout = '1s'`;
/** Whoever marks or unmarks gates sees the switches as they are until it has committed: marks and switches never drift apart. */
const HOLD_FOR_MARKING = 'LOCK TABLE kill_switches IN SHARE MODE';
const HOLD_FOR_LIFTING = 'LOCK TABLE kill_switches IN SHARE ROW EXCLUSIVE MODE';
const IS_HALTED = `EXISTS (SELECT 1 FROM kill_switches WHERE scope IN ('all', 'venue:' || gate.venue, 'account:' || gate.account))`;

/** Waits for permits under way, which hold the row in share mode; rows in the order of their names, as all who lock several. */
const MARK = `
  UPDATE account_gates SET halted = true WHERE account IN (
    SELECT account FROM account_gates gate WHERE NOT halted AND ${IS_HALTED} ORDER BY account FOR NO KEY UPDATE)`;
const UNMARK = `
  UPDATE account_gates SET halted = false WHERE account IN (
    SELECT account FROM account_gates gate WHERE halted AND NOT ${IS_HALTED} ORDER BY account FOR NO KEY UPDATE)`;

/** Switches in Postgres, each change in one transaction with its audit record. */
@Injectable()
export class SqlKillSwitchStore extends KillSwitchStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {
    super();
  }

  async all(): Promise<readonly KillSwitch[]> {
    const { rows } = await this.database.query<Row>('kill-switch.all', ALL);
    return rows.map(switchOf);
  }

  engage(wanted: KillSwitch, by: Actor): Promise<Engaged> {
    const values = [wanted.scope, timeText(wanted.engagedAtMs), wanted.engagedBy, wanted.reason, wanted.cancelOpenOrders];
    return this.unlessHeldUp(async (tx) => {
      const known = await tx.query<Row>('kill-switch.one', ONE, [wanted.scope]);
      const { rows } = await tx.query<Row>('kill-switch.engage', ENGAGE, values);
      const before = known.rows[0] === undefined ? null : switchOf(known.rows[0]);
      const after = switchOf(rows[0]!);
      await this.record('kill-switch.engaged', wanted.scope, by, { before, after }, tx);
      return { before, after };
    });
  }

  halt(): Promise<number> {
    return this.unlessHeldUp(async (tx) => {
      await tx.query('kill-switch.hold-for-marking', HOLD_FOR_MARKING);
      return (await tx.query('kill-switch.mark', MARK)).rowCount;
    });
  }

  lift(scope: KillScope, by: Actor): Promise<KillSwitch | null> {
    return this.unlessHeldUp(async (tx) => {
      await tx.query('kill-switch.hold-for-lifting', HOLD_FOR_LIFTING);
      const { rows } = await tx.query<Row>('kill-switch.remove', REMOVE, [scope]);
      await tx.query('kill-switch.unmark', UNMARK);
      if (rows[0] === undefined) return null;
      const before = switchOf(rows[0]);
      await this.record('kill-switch.lifted', scope, by, { before, after: null }, tx);
      return before;
    });
  }

  private async record(
    type: string,
    scope: KillScope,
    by: Actor,
    { before, after }: { before: KillSwitch | null; after: KillSwitch | null },
    tx: Statements,
  ): Promise<void> {
    const subject = { kind: 'kill-switch', id: scope };
    const data = { before: before === null ? null : plain(before), after: after === null ? null : plain(after) };
    const account = scope.startsWith('account:') ? scope.slice('account:'.length) : null;
    await this.audit.record([{ type, actor: by.name, account, subject, correlationId: by.correlationId, data }], tx);
  }

  private async unlessHeldUp<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    try {
      return await this.database.transaction(async (tx) => {
        await tx.query('kill-switch.be-brief', BE_BRIEF);
        return work(tx);
      });
    } catch (error) {
      throw isTransient(error) ? new HeldUp('the database is held up by what is under way', { cause: error }) : error;
    }
  }
}

function switchOf(row: Row): KillSwitch {
  return {
    scope: row.scope,
    engagedAtMs: row.engaged_at.getTime(),
    engagedBy: row.engaged_by,
    reason: row.reason,
    cancelOpenOrders: row.cancel_open_orders,
  };
}

function plain({ engagedAtMs, engagedBy, reason, cancelOpenOrders }: KillSwitch) {
  return { engagedAt: timeText(engagedAtMs), engagedBy, reason, cancelOpenOrders };
}
