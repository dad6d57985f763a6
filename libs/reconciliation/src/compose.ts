import type { Clock, IdSource, Scheduler } from '#libs/kernel';
import type { AccountLeases } from '#libs/leases';
import { AccountRun } from './application/account-run.js';
import { BalanceCheck } from './application/balance-check.js';
import { BalanceLook } from './application/balance-look.js';
import { LedgerWitness } from './application/balance-witness.js';
import type { DiscrepancyStore } from './application/discrepancy-store.js';
import type { EngineView } from './application/engine-view.js';
import { FillOwners } from './application/fill-owners.js';
import { FillSweep } from './application/fill-sweep.js';
import { DiscrepancyIncidents } from './application/incidents.js';
import type { Ledger } from './application/ledger.js';
import { OrderCheck } from './application/order-check.js';
import { PendingTransfers } from './application/pending-transfers.js';
import { Reconciler } from './application/reconciler.js';
import type { ReconciliationLog } from './application/reconciliation-log.js';
import type { ReconciliationMetrics } from './application/reconciliation-metrics.js';
import type { ReconciliationSettings } from './application/reconciliation-settings.js';
import type { RunStore } from './application/run-store.js';
import type { VenueDoors } from './application/venue-doors.js';
import type { VenueRecords } from './application/venue-records.js';

/** Everything outside of the reconciliation: time, ids, the stores, the engine's orders, and the accounts at their venues. */
export interface ReconciliationPorts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly ids: IdSource;
  readonly engine: EngineView;
  readonly doors: VenueDoors;
  readonly leases: AccountLeases;
  readonly ledger: Ledger;
  readonly discrepancies: DiscrepancyStore;
  readonly records: VenueRecords;
  readonly runs: RunStore;
  readonly settings: ReconciliationSettings;
  readonly metrics: ReconciliationMetrics;
  readonly log: ReconciliationLog;
}

/** One reconciliation, as the framework's container would put it together; for whoever runs it without one. */
export interface ComposedReconciliation {
  readonly reconciler: Reconciler;
  readonly witness: LedgerWitness;
  readonly incidents: DiscrepancyIncidents;
}

export function composeReconciliation(ports: ReconciliationPorts): ComposedReconciliation {
  const { clock, scheduler, ids, engine, doors, leases, ledger, discrepancies, records, runs, settings, metrics, log } = ports;
  const owners = new FillOwners(engine, records, clock, settings);
  const sweep = new FillSweep(engine, owners, discrepancies, records, clock, settings);
  const looks = new BalanceLook(doors, engine, sweep, ledger, records, clock, settings);
  const orders = new OrderCheck(engine, discrepancies, records, clock, settings);
  const pending = new PendingTransfers();
  const balances = new BalanceCheck(looks, engine, ledger, discrepancies, pending, metrics, clock, settings, log);
  const run = new AccountRun(orders, sweep, looks, balances, discrepancies, runs, metrics, clock, ids, log);
  return {
    reconciler: new Reconciler(doors, leases, run, pending, clock, scheduler, settings, log),
    witness: new LedgerWitness(doors, looks, pending, clock),
    incidents: new DiscrepancyIncidents(discrepancies, metrics, clock, scheduler, settings, log),
  };
}
