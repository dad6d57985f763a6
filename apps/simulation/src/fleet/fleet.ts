import type { CrashPoint, Incident } from '#libs/orders';
import { createSimWorld } from '../network/sim-world.js';
import type { SimWorld } from '../network/sim-world.js';
import type { FaultChances } from '../network/fault-plan.js';
import type { SeededRandom } from '../random/seeded-random.js';
import { DatabaseHealth } from '../store/database-line.js';
import type { DatabaseFault } from '../store/database-line.js';
import { MemoryDatabase } from '../store/memory-database.js';
import { FleetReplica } from './fleet-replica.js';

export interface FleetOptions {
  readonly seed: number;
  readonly accounts: readonly string[];
  readonly replicas: number;
  readonly chances: FaultChances;
  readonly databaseChances: Readonly<Partial<Record<DatabaseFault, number>>>;
  /** Probability of dying at each passing of a crash point, until the world is healed. */
  readonly crashChance: number;
  readonly onLine?: (atMs: number, who: string, text: string) => void;
}

/** What happened to a process, for the count of faults. */
export type FleetFault =
  `crash:${CrashPoint}` | 'kill' | 'pause' | 'clock-jump' | 'partition' | 'database-cut' | 'database-outage' | 'kill-switch';

const RESTART_MS = { min: 200, max: 20_000 };

/** The whole deployment: replicas of the gateway around one database and one venue, and everything that can happen to them. */
export class Fleet {
  readonly world: SimWorld;
  readonly database: MemoryDatabase;
  readonly health: DatabaseHealth;
  readonly replicas: FleetReplica[] = [];
  readonly incidents: Incident[] = [];
  readonly struck = new Map<FleetFault, number>();
  private readonly lives: number[] = [];
  private readonly random: SeededRandom;
  private isHealed = false;

  constructor(private readonly options: FleetOptions) {
    this.world = createSimWorld({
      seed: options.seed,
      chances: options.chances,
      limits: 'unlimited',
      accounts: [...options.accounts, 'other-side'].map((name) => ({ name, venue: 'binance', balances: { USDT: '1000000', BTC: '20' } })),
    });
    this.random = this.world.random.fork('fleet');
    this.database = new MemoryDatabase(() => this.world.time.elapsedMs);
    this.health = new DatabaseHealth(this.random.fork('database'), options.databaseChances);
    for (let index = 0; index < options.replicas; index += 1) {
      this.lives.push(0);
      this.start(index);
    }
  }

  get healed(): boolean {
    return this.isHealed;
  }

  count(fault: FleetFault): void {
    this.struck.set(fault, (this.struck.get(fault) ?? 0) + 1);
  }

  say(who: string, text: string): void {
    this.options.onLine?.(this.world.time.elapsedMs, who, text);
  }

  /** Kills a replica; it comes back by itself after a while. */
  kill(index: number, why: FleetFault = 'kill'): void {
    const replica = this.replicas[index];
    if (replica === undefined || !replica.isAlive) return;
    this.count(why);
    this.say(replica.process.name, `dies (${why})`);
    replica.process.kill();
  }

  pause(index: number, ms: number): void {
    const replica = this.replicas[index]!;
    if (replica.process.state !== 'running') return;
    this.count('pause');
    this.say(replica.process.name, `is paused for ${Math.round(ms)} ms`);
    replica.process.pause();
    this.world.time.world.scheduler.after(ms, () => replica.process.resume());
  }

  /** Everything works from now on. What is lost stays lost, and what is dead is started again. */
  heal(): void {
    this.isHealed = true;
    this.say('world', 'all faults are healed');
    this.world.network.heal();
    this.health.heal();
    this.database.killSwitches.clear();
    for (const gate of this.database.gates.values()) gate.halted = false;
    for (const replica of this.replicas) {
      replica.line.isCut = false;
      if (replica.process.state === 'paused') replica.process.resume();
    }
  }

  private start(index: number): void {
    const life = (this.lives[index] = this.lives[index]! + 1);
    const name = `replica-${index + 1}`;
    const replica = new FleetReplica({
      world: this.world,
      database: this.database,
      health: this.health,
      name,
      life,
      wallOffsetMs: this.random.between(-3_000, 3_000),
      accounts: this.options.accounts,
      diesAt: (point) => this.diesAt(name, point),
      onIncident: (incident) => {
        this.incidents.push(incident);
        this.say(name, `incident ${incident.kind} of order ${incident.orderId ?? 'none'}`);
      },
      onLine: (who, level, message, fields) => this.say(who, `${level === 'info' ? '' : `${level}: `}${message} ${JSON.stringify(fields)}`),
    });
    this.replicas[index] = replica;
    replica.process.onKill(() => {
      const { min, max } = RESTART_MS;
      this.world.time.world.scheduler.after(this.isHealed ? min : this.random.between(min, max), () => this.start(index));
    });
    this.say(name, `starts (life ${life})`);
    // In a task of its own, so that what it does belongs to it.
    replica.process.scheduler.after(0, () => void replica.start());
  }

  private diesAt(name: string, point: CrashPoint): boolean {
    if (this.isHealed || !this.random.chance(this.options.crashChance)) return false;
    this.count(`crash:${point}`);
    this.say(name, `dies at ${point}`);
    return true;
  }
}
