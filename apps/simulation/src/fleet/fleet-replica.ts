import type { BinanceExchange } from '#libs/exchanges/binance';
import { LEASE_DEFAULTS, LeaseKeeper } from '#libs/leases';
import type { Balance } from '#libs/model';
import { BalanceSink, composeOrderEngine, CrashPoints } from '#libs/orders';
import type { ComposedEngine, CrashPoint, Incident } from '#libs/orders';
import { OrderLog, OrderMetrics, OrderSettings } from '#libs/orders';
import { createReplica } from '../network/replica.js';
import type { SimWorld } from '../network/sim-world.js';
import { DatabaseLine } from '../store/database-line.js';
import type { DatabaseHealth } from '../store/database-line.js';
import type { MemoryDatabase } from '../store/memory-database.js';
import { MemoryJournalStore, MemoryLeaseStore, MemoryOrderReader } from '../store/memory-stores.js';
import type { VirtualProcess } from '../time/virtual-process.js';
import { ReplicaReconciliation } from './replica-reconciliation.js';

export interface FleetReplicaPlan {
  readonly world: SimWorld;
  readonly database: MemoryDatabase;
  readonly health: DatabaseHealth;
  readonly name: string;
  readonly life: number;
  readonly wallOffsetMs: number;
  readonly accounts: readonly string[];
  /** Asked at every crash point; where it says yes, the process is killed there and then. */
  readonly diesAt: (point: CrashPoint) => boolean;
  readonly onIncident: (incident: Incident) => void;
  readonly onLine: (replica: string, level: string, message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** One gateway process: the real engine, reconciliation, leases and adapter, on virtual time and a line to the shared database. */
export class FleetReplica {
  readonly process: VirtualProcess;
  readonly line: DatabaseLine;
  readonly parts: ComposedEngine;
  readonly leases: LeaseKeeper;
  private readonly reconciliation: ReplicaReconciliation;
  private readonly exchange: BinanceExchange;
  private readonly doors = new Map<string, ReturnType<BinanceExchange['account']>>();

  constructor(plan: FleetReplicaPlan) {
    const { world, database, health, name, life, wallOffsetMs } = plan;
    const { process, random, ids, exchange, account } = createReplica(world, { name, life, wallOffsetMs });
    this.process = process;
    this.exchange = exchange;
    const { clock, scheduler } = process;
    this.line = new DatabaseLine(process, world.time.world.scheduler, health, random.fork('database'));
    const databaseNowMs = (): number => world.time.elapsedMs;
    const log = new FleetLog((level, message, fields) => plan.onLine(name, level, message, fields));
    this.leases = new LeaseKeeper(
      { store: new MemoryLeaseStore(database, this.line, databaseNowMs), clock, scheduler, log },
      { owner: `${name}-${life}`, ownerUrl: () => null, ...LEASE_DEFAULTS },
    );
    const points = new FatalPoints((point) => {
      if (process.state === 'running' && plan.diesAt(point)) process.kill();
    });
    const { leases, line } = this;
    this.reconciliation = new ReplicaReconciliation(plan.onIncident);
    const { audit, witness, incidents } = this.reconciliation;
    this.parts = composeOrderEngine({
      clock,
      scheduler,
      ids,
      store: new MemoryJournalStore(database, this.line, points),
      reader: new MemoryOrderReader(database, this.line),
      leases,
      settings: new FleetSettings(),
      balances: new NewestBalances(),
      witness,
      audit,
      incidents,
      points,
      metrics: new UncountedMetrics(),
      log,
      defer: (run) => void scheduler.after(0, run),
    });
    this.reconciliation.tie({ clock, scheduler, ids, leases, database, line, databaseNowMs, engine: this.parts, log });
    for (const each of plan.accounts) this.doors.set(each, account(each));
  }

  get isAlive(): boolean {
    return this.process.state !== 'dead';
  }

  /** Whether it would take an order of this account now. */
  holds(account: string): boolean {
    return this.process.state === 'running' && this.parts.keeper.isReady(account) && this.parts.gate.refusal() === null;
  }

  /** Starts as the gateway does: the venue first, then the accounts; the gate opens when they are settled. */
  async start(): Promise<void> {
    await this.exchange.start();
    for (const [account, door] of this.doors) this.parts.keeper.add(account, this.exchange, door);
    await this.parts.engine.start(START_MS);
    this.reconciliation.begin();
  }

  /** Stops in order, as on SIGTERM. */
  async stop(): Promise<void> {
    await this.reconciliation.stop();
    await this.parts.engine.stop(STOP_MS).catch(() => undefined);
    await this.leases.releaseAll().catch(() => undefined);
    await this.exchange.close();
    this.process.kill();
  }
}

const START_MS = 10_000;
const STOP_MS = 10_000;

class FleetSettings extends OrderSettings {
  readonly ackTimeoutMs = 5_000;
  readonly journalMaxBatch = 64;
  readonly journalMaxWaiting = 1_000;
  readonly journalBacklogMax = 10_000;
  readonly flushTimeoutMs = 2_000;
  readonly resolveDelayMs = 250;
  readonly resolveDelayMaxMs = 5_000;
  readonly alarmAfterMs = 60_000;
  readonly sweepIntervalMs = 30_000;
}

class NewestBalances extends BalanceSink {
  private readonly accounts = new Map<string, readonly Balance[]>();

  replace(account: string, balances: readonly Balance[]): void {
    this.accounts.set(account, balances);
  }

  merge(): void {}
}

class FatalPoints extends CrashPoints {
  constructor(private readonly passed: (point: CrashPoint) => void) {
    super();
  }

  reach(point: CrashPoint): void {
    this.passed(point);
  }
}

class UncountedMetrics extends OrderMetrics {
  submitted(): void {}
  fillBooked(): void {}
  duplicateFill(): void {}
  overfill(): void {}
  unknownOpen(): void {}
  overhead(): void {}
}

type Fields = Readonly<Record<string, unknown>>;

class FleetLog extends OrderLog {
  constructor(private readonly line: (level: string, message: string, fields: Fields) => void) {
    super();
  }

  info(message: string, fields: Fields = {}): void {
    this.line('info', message, fields);
  }

  warn(message: string, fields: Fields = {}): void {
    this.line('warn', message, fields);
  }

  error(message: string, fields: Fields = {}): void {
    this.line('error', message, fields);
  }
}
