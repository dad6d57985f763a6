import { Global, Inject, Injectable, Module } from '@nestjs/common';
import { Metrics } from '#libs/observability';
import { AccountAudit, AccountSessions, BalanceWitness, Incidents, OrdersModule, ReconciledOrders } from '#libs/orders';
import type { Incident } from '#libs/orders';
import {
  EngineView,
  Reconciler,
  ReconciliationLog,
  ReconciliationMetrics,
  ReconciliationSettings,
  VenueDoors,
  BalanceWitness as LedgerWitness,
  Incidents as IncidentRows,
} from '#libs/reconciliation';
import type { VenueDoor } from '#libs/reconciliation';
import { VenueLog } from './ports.js';

/** Venues that cut the amount of a trade; all others keep every digit. */
const AMOUNT_DECIMALS: Readonly<Record<string, number>> = { binance: 8 };

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

  amountDecimals(venue: string): number | null {
    return AMOUNT_DECIMALS[venue] ?? null;
  }
}

/** The engine's ports to the reconciliation. Each stands on the other, so that these are tied together once both are there. */
@Injectable()
export class ReconciliationTies {
  readonly audit: AccountAudit = new TiedAudit(this);
  readonly witness: BalanceWitness = new TiedWitness(this);
  readonly incidents: Incidents = new TiedIncidents(this);
  reconciler: Reconciler | null = null;
  ledger: LedgerWitness | null = null;
  rows: IncidentRows | null = null;

  constructor(@Inject(VenueLog) readonly log: VenueLog) {}
}

class TiedAudit extends AccountAudit {
  constructor(private readonly ties: ReconciliationTies) {
    super();
  }

  async look(account: string): Promise<'agreed' | 'waiting' | 'differs' | 'failed'> {
    const run = await this.ties.reconciler?.runNow(account, 'start');
    return run?.outcome ?? 'failed';
  }

  async explain(account: string): Promise<void> {
    await this.ties.reconciler?.catchUp(account);
  }
}

class TiedWitness extends BalanceWitness {
  constructor(private readonly ties: ReconciliationTies) {
    super();
  }

  async unexplained(account: string, assets: readonly string[]): Promise<boolean> {
    return this.ties.ledger === null || this.ties.ledger.unexplained(account, assets);
  }
}

class TiedIncidents extends Incidents {
  constructor(private readonly ties: ReconciliationTies) {
    super();
  }

  raise(incident: Incident): void {
    if (this.ties.rows === null) this.ties.log.error('incident before the start', { ...incident });
    else this.ties.rows.raise(incident);
  }
}

/** What the reconciliation needs of the others. */
@Global()
@Module({
  imports: [OrdersModule],
  providers: [
    { provide: EngineView, useFactory: (orders: ReconciledOrders): EngineView => orders, inject: [ReconciledOrders] },
    { provide: VenueDoors, useFactory: (sessions: AccountSessions) => new DoorsOfSessions(sessions), inject: [AccountSessions] },
    { provide: ReconciliationMetrics, useFactory: (metrics: Metrics) => metrics.reconciliation, inject: [Metrics] },
    { provide: ReconciliationLog, useExisting: VenueLog },
    { provide: ReconciliationSettings, useFactory: () => new ReconciliationSettings() },
  ],
  exports: [EngineView, VenueDoors, ReconciliationMetrics, ReconciliationLog, ReconciliationSettings],
})
export class ReconciliationPortsModule {}

/** Ties both together and lets the reconciliation hear what the private streams say. Before any account is taken over. */
@Injectable()
export class ReconciliationStart {
  constructor(
    @Inject(ReconciliationTies) private readonly ties: ReconciliationTies,
    @Inject(Reconciler) private readonly reconciler: Reconciler,
    @Inject(LedgerWitness) private readonly witness: LedgerWitness,
    @Inject(IncidentRows) private readonly incidents: IncidentRows,
    @Inject(AccountSessions) private readonly sessions: AccountSessions,
  ) {}

  tie(): void {
    Object.assign(this.ties, { reconciler: this.reconciler, ledger: this.witness, rows: this.incidents });
    this.sessions.onEvent((session, event) => this.reconciler.takeEvent(session.name, event));
  }

  begin(): void {
    this.reconciler.begin();
  }
}
