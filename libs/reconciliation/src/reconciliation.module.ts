import { Module } from '@nestjs/common';
import { Database } from '#libs/database';
import { Clock, IdSource } from '#libs/kernel';
import { AccountRun } from './application/account-run.js';
import { BalanceCheck } from './application/balance-check.js';
import { BalanceLook } from './application/balance-look.js';
import { BalanceWitness, LedgerWitness } from './application/balance-witness.js';
import { DiscrepancyStore } from './application/discrepancy-store.js';
import { FillOwners } from './application/fill-owners.js';
import { FillSweep } from './application/fill-sweep.js';
import { DiscrepancyIncidents, Incidents } from './application/incidents.js';
import { Ledger } from './application/ledger.js';
import { OrderCheck } from './application/order-check.js';
import { PendingTransfers } from './application/pending-transfers.js';
import { Reconciler } from './application/reconciler.js';
import { RunStore } from './application/run-store.js';
import { VenueRecords } from './application/venue-records.js';
import { ExternalOrdersController } from './http/external-orders.controller.js';
import { ReconciliationController } from './http/reconciliation.controller.js';
import { SqlDiscrepancyStore, SqlLedger, SqlRunStore, SqlVenueRecords } from './persistence/index.js';

/**
 * Reconciliation. The composition root provides, globally: `EngineView`, `VenueDoors`, `AccountLeases`, `ReconciliationMetrics`,
 * `ReconciliationLog`, `ReconciliationSettings`, `Clock`, `IdSource`, `Scheduler` and `Database`.
 */
@Module({
  controllers: [ReconciliationController, ExternalOrdersController],
  providers: [
    AccountRun,
    BalanceCheck,
    BalanceLook,
    FillOwners,
    FillSweep,
    OrderCheck,
    PendingTransfers,
    Reconciler,
    { provide: BalanceWitness, useClass: LedgerWitness },
    { provide: Incidents, useClass: DiscrepancyIncidents },
    { provide: Ledger, useFactory: (database: Database, clock: Clock) => new SqlLedger(database, clock), inject: [Database, Clock] },
    {
      provide: DiscrepancyStore,
      useFactory: (database: Database, ids: IdSource) => new SqlDiscrepancyStore(database, ids),
      inject: [Database, IdSource],
    },
    { provide: RunStore, useFactory: (database: Database) => new SqlRunStore(database), inject: [Database] },
    { provide: VenueRecords, useFactory: (database: Database) => new SqlVenueRecords(database), inject: [Database] },
  ],
  exports: [BalanceWitness, Incidents, Reconciler, Ledger, DiscrepancyStore, RunStore],
})
export class ReconciliationModule {}
