import { DiscrepancyEntity } from './discrepancy.entity.js';
import { ExternalOrderEntity } from './external-order.entity.js';
import { FillCursorEntity } from './fill-cursor.entity.js';
import { LedgerEntryEntity, LedgerHeadEntity, LedgerTotalEntity } from './ledger.entity.js';
import { ReconciliationRunEntity } from './reconciliation-run.entity.js';

export const RECONCILIATION_ENTITIES = [
  ReconciliationRunEntity,
  DiscrepancyEntity,
  ExternalOrderEntity,
  FillCursorEntity,
  LedgerEntryEntity,
  LedgerTotalEntity,
  LedgerHeadEntity,
] as const;
export { SqlDiscrepancyStore } from './sql-discrepancy-store.js';
export { SqlLedger } from './sql-ledger.js';
export { SqlRunStore } from './sql-run-store.js';
export { SqlVenueRecords } from './sql-venue-records.js';
