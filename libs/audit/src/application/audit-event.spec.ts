import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AUDIT_COLUMNS, auditColumns, auditInsertText, auditRow, auditRowValues, contentText } from './audit-event.js';
import { canonicalJson } from '../domain/canonical-json.js';

const ID = '0190a5d0-0000-7000-8000-000000000001';
const AT_MS = 1_700_000_000_123;

describe('auditRow', () => {
  const row = auditRow(
    {
      type: 'order.submitted',
      actor: 'key:1',
      account: 'binance-sim',
      subject: { kind: 'order', id: 'o-1' },
      correlationId: 'c "1"',
      data: { quantity: '0.010', side: 'buy' },
    },
    ID,
    AT_MS,
  );

  it('hashes the canonical JSON of every column but the hash itself', () => {
    const content = canonicalJson({
      id: ID,
      at: '2023-11-14T22:13:20.123Z',
      type: 'order.submitted',
      actor: 'key:1',
      account: 'binance-sim',
      subject_kind: 'order',
      subject_id: 'o-1',
      correlation_id: 'c "1"',
      data: { quantity: '0.010', side: 'buy' },
    });
    expect(contentText(row)).toBe(content);
    expect(row.contentHash.equals(createHash('sha256').update(content).digest())).toBe(true);
  });

  it('leaves out what an event does not have', () => {
    const bare = auditRow({ type: 'gateway.started', actor: 'system' }, ID, AT_MS);
    expect(bare).toMatchObject({ account: null, subjectKind: null, subjectId: null, correlationId: null, data: '{}' });
    expect(bare.contentHash).toHaveLength(32);
  });

  it('gives one value per column, by row and by column', () => {
    expect(auditRowValues(row)).toHaveLength(AUDIT_COLUMNS.length);
    const columns = auditColumns([row, row]);
    expect(columns).toHaveLength(AUDIT_COLUMNS.length);
    expect(columns.every((column) => column.length === 2)).toBe(true);
  });

  it('numbers its parameters from where the caller says', () => {
    expect(auditInsertText(7)).toContain('unnest($7::uuid[], $8::timestamptz[]');
    expect(auditInsertText(7)).toContain('$16::bytea[]');
  });
});
