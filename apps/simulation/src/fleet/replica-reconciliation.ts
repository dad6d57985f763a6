import type { Clock, IdSource, Scheduler } from '#libs/kernel';
import type { AccountLeases } from '#libs/leases';
import { AccountAudit, BalanceWitness, Incidents } from '#libs/orders';
import type { AccountSessions, ComposedEngine, Incident } from '#libs/orders';
import { composeReconciliation, NoReconciliationMetrics, ReconciliationSettings, VenueDoors } from '#libs/reconciliation';
import type { ComposedReconciliation, ReconciliationLog, VenueDoor } from '#libs/reconciliation';
import type { DatabaseLine } from '../store/database-line.js';
import type { MemoryDatabase } from '../store/memory-database.js';
import { MemoryLedger } from '../store/memory-ledger.js';
import { MemoryDiscrepancyStore, MemoryRunStore, MemoryVenueRecords } from '../store/memory-reconciliation.js';

/** More often than a deployment looks, so that what is booked only after several looks is booked within a run. */
const BALANCES_INTERVAL_MS = 25_000;
/** To how many decimals the venue of the simulation cuts the amount of a trade. */
const AMOUNT_DECIMALS = 8;

export interface ReconciliationParts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly ids: IdSource;
  readonly leases: AccountLeases;
  readonly database: MemoryDatabase;
  readonly line: DatabaseLine;
  readonly databaseNowMs: () => number;
  readonly engine: ComposedEngine;
  readonly log: ReconciliationLog;
}

/**
 * The engine's ports to the reconciliation, and the reconciliation behind them. Each stands on the other: the ports are there first, and
 * are tied to it once the engine is there.
 */
export class ReplicaReconciliation {
  readonly audit: AccountAudit = new TiedAudit(() => this.composed);
  readonly witness: BalanceWitness = new TiedWitness(() => this.composed);
  readonly incidents: Incidents;
  private composed: ComposedReconciliation | null = null;

  /** @param onIncident hears of each incident at once, whatever becomes of its row. */
  constructor(onIncident: (incident: Incident) => void) {
    this.incidents = new TiedIncidents(() => this.composed, onIncident);
  }

  tie(parts: ReconciliationParts): void {
    const { clock, scheduler, ids, leases, database, line, databaseNowMs, engine, log } = parts;
    const { reconciler } = (this.composed = composeReconciliation({
      clock,
      scheduler,
      ids,
      leases,
      engine: engine.reconciled,
      doors: new DoorsOfSessions(engine.sessions),
      ledger: new MemoryLedger(database, line, databaseNowMs),
      discrepancies: new MemoryDiscrepancyStore(database, line, ids),
      records: new MemoryVenueRecords(database, line),
      runs: new MemoryRunStore(database, line, databaseNowMs),
      settings: new ReconciliationSettings({ balancesIntervalMs: BALANCES_INTERVAL_MS }),
      metrics: new NoReconciliationMetrics(),
      log,
    }));
    engine.sessions.onEvent((session, event) => reconciler.takeEvent(session.name, event));
  }

  begin(): void {
    this.composed?.reconciler.begin();
  }

  async stop(): Promise<void> {
    await this.composed?.reconciler.stop();
  }
}

type Composed = () => ComposedReconciliation | null;

class TiedAudit extends AccountAudit {
  constructor(private readonly composed: Composed) {
    super();
  }

  async look(account: string): Promise<'agreed' | 'waiting' | 'differs' | 'failed'> {
    const run = await this.composed()?.reconciler.runNow(account, 'start');
    return run?.outcome ?? 'failed';
  }

  async explain(account: string): Promise<void> {
    await this.composed()?.reconciler.catchUp(account);
  }
}

class TiedWitness extends BalanceWitness {
  constructor(private readonly composed: Composed) {
    super();
  }

  async unexplained(account: string, assets: readonly string[]): Promise<boolean> {
    return (await this.composed()?.witness.unexplained(account, assets)) ?? true;
  }
}

class TiedIncidents extends Incidents {
  constructor(
    private readonly composed: Composed,
    private readonly tell: (incident: Incident) => void,
  ) {
    super();
  }

  raise(incident: Incident): void {
    this.tell(incident);
    this.composed()?.incidents.raise(incident);
  }
}

class DoorsOfSessions extends VenueDoors {
  constructor(private readonly sessions: AccountSessions) {
    super();
  }

  get(account: string): VenueDoor | undefined {
    return this.sessions.get(account);
  }

  all(): readonly VenueDoor[] {
    return this.sessions.all();
  }

  amountDecimals(): number {
    return AMOUNT_DECIMALS;
  }
}
