import { createHash } from 'node:crypto';
import { ManualClock, UuidV7Source } from '#libs/kernel';
import { testDatabase, type TestDatabase } from '#testing/database';
import type { Database } from '#libs/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson, type JsonValue } from '../domain/canonical-json.js';
import { auditInsertText, auditColumns } from './audit-event.js';
import { AuditEventEntity } from '../persistence/audit-event.entity.js';
import { SqlAuditReader } from '../persistence/sql-audit-reader.js';
import { AuditTrail } from './audit-trail.js';

describe('the audit trail in Postgres', () => {
  let db: TestDatabase;
  let owner: Database;
  let app: Database;
  let trail: AuditTrail;
  const clock = new ManualClock();
  const ids = new UuidV7Source(() => clock.nowMs());

  beforeAll(async () => {
    db = await testDatabase();
    owner = db.database();
    app = db.database({ url: db.appUrl });
    trail = new AuditTrail(app, clock, ids);
    await trail.record([{ type: 'gateway.started', actor: 'system', data: { version: '1', nested: { b: ['x', 1], a: null } } }]);
  });
  afterAll(() => db.close());

  it('stores what can be hashed again to the same value from the stored row', async () => {
    await trail.record([
      {
        type: 'order.submitted',
        actor: 'key:1',
        account: 'a',
        subject: { kind: 'order', id: 'o' },
        correlationId: 'c"\\',
        data: { price: '1.50', note: 'tab\t 😀 \0', n: 12 },
      },
    ]);
    for (const row of await new SqlAuditReader(app).list({ limit: 10 })) {
      const content = canonicalJson({
        id: row.id,
        at: row.at.toISOString(),
        type: row.type,
        actor: row.actor,
        account: row.account,
        subject_kind: row.subjectKind,
        subject_id: row.subjectId,
        correlation_id: row.correlationId,
        data: row.data as JsonValue,
      });
      expect(row.contentHash.equals(createHash('sha256').update(content).digest())).toBe(true);
    }
  });

  it('loses the event when the transaction of what it records is rolled back', async () => {
    const fails = app.transaction(async (statements) => {
      await trail.record([{ type: 'test.rolled-back', actor: 'system' }], statements);
      throw new Error('the change failed');
    });
    await expect(fails).rejects.toThrow('the change failed');
    expect(await new SqlAuditReader(app).list({ type: 'test.rolled-back', limit: 10 })).toEqual([]);
  });

  it('can be written within the statement of a journal', async () => {
    const rows = trail.rows([
      { type: 'test.cte', actor: 'system' },
      { type: 'test.cte', actor: 'system' },
    ]);
    await app.query('test.cte', `WITH audit AS (${auditInsertText(2)}) SELECT $1::text`, ['x', ...auditColumns(rows)]);
    expect(await new SqlAuditReader(app).list({ type: 'test.cte', limit: 10 })).toHaveLength(2);
  });

  it('filters by type, actor, account and time, newest first, and pages by id', async () => {
    const reader = new SqlAuditReader(app);
    for (const account of ['p', 'q', 'p']) {
      clock.advance(1_000);
      await trail.record([{ type: 'test.list', actor: `key:${account}`, account }]);
    }
    const all = await reader.list({ type: 'test.list', limit: 10 });
    expect(all.map((row) => row.account)).toEqual(['p', 'q', 'p']);
    expect(await reader.list({ actor: 'key:q', limit: 10 })).toHaveLength(1);
    expect(await reader.list({ account: 'p', limit: 1 })).toHaveLength(1);
    const at = all[1]!.at.getTime();
    expect(await reader.list({ type: 'test.list', fromMs: at, toMs: at + 1, limit: 10 })).toHaveLength(1);
    expect((await reader.list({ type: 'test.list', beforeId: all[0]!.id, limit: 10 })).map((row) => row.id)).toEqual([
      all[1]!.id,
      all[2]!.id,
    ]);
  });

  it.each([
    ["UPDATE audit_events SET actor = 'nobody'"],
    ['DELETE FROM audit_events'],
    ['DELETE FROM audit_events WHERE false'],
    ['TRUNCATE audit_events'],
    ["INSERT INTO audit_events SELECT * FROM audit_events LIMIT 1 ON CONFLICT (id) DO UPDATE SET actor = 'nobody'"],
  ])('refuses %s to the owner, also under a replication role', async (statement) => {
    await expect(owner.query(`owner ${statement}`.slice(0, 60), statement)).rejects.toThrow('append-only');
    const replica = owner.transaction(async (statements) => {
      await statements.query('test.replica', 'SET LOCAL session_replication_role = replica');
      await statements.query(`replica ${statement}`.slice(0, 60), statement);
    });
    await expect(replica).rejects.toThrow('append-only');
  });

  it.each([
    ["UPDATE audit_events SET actor = 'nobody'"],
    ['DELETE FROM audit_events'],
    ['TRUNCATE audit_events'],
    ['ALTER TABLE audit_events DISABLE TRIGGER ALL'],
    ['DROP TABLE audit_events'],
  ])('gives the role of the application no right to %s', async (statement) => {
    await expect(app.query(`app ${statement}`, statement)).rejects.toThrow(/permission denied|must be owner/);
  });

  it('gives the role of the application what it needs on ordinary tables, and reading only on the list of migrations', async () => {
    await owner.query('test.later', 'CREATE TABLE made_later (id integer PRIMARY KEY)');
    await app.query('test.insert', 'INSERT INTO made_later VALUES (1)');
    await app.query('test.delete', 'DELETE FROM made_later');
    await app.query('test.read', 'SELECT * FROM schema_migrations');
    await expect(app.query('test.write', 'DELETE FROM schema_migrations')).rejects.toThrow('permission denied');
    await expect(app.query('test.create', 'CREATE TABLE mine (id integer)')).rejects.toThrow('permission denied');
  });

  it('takes rights on tables of history away again when it is called for all of them', async () => {
    await owner.query('test.history', 'CREATE TABLE history (id integer)');
    await owner.query('test.trigger', 'CREATE TRIGGER no_truncate BEFORE TRUNCATE ON history EXECUTE FUNCTION refuse_change_of_audit()');
    await owner.query('test.always', 'ALTER TABLE history ENABLE ALWAYS TRIGGER no_truncate');
    await owner.query('test.grant', "SELECT grant_application_rights('bw_app')");
    await app.query('test.history-insert', 'INSERT INTO history VALUES (1)');
    await expect(app.query('test.history-delete', 'DELETE FROM history')).rejects.toThrow('permission denied');
  });

  it('has an entity that TypeORM finds nothing to change about', async () => {
    const dataSource = await db.dataSource({ entities: [AuditEventEntity] });
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query).filter((query) => query.includes('audit_events'))).toEqual([]);
  });
});
