import type { Fleet } from '../fleet/fleet.js';
import type { SeededRandom } from '../random/seeded-random.js';

/** One time for which a kill switch held, true ms since the start. */
export interface KillPeriod {
  readonly scope: string;
  readonly fromMs: number;
  toMs: number;
}

/** What happens to whole processes and to the database, at moments that the seed chooses. */
export class Disasters {
  readonly killPeriods: KillPeriod[] = [];

  constructor(
    private readonly fleet: Fleet,
    private readonly random: SeededRandom,
    private readonly accounts: readonly string[],
  ) {}

  /** Something bad, now. */
  strike(): void {
    const { random, fleet } = this;
    const index = random.between(0, fleet.replicas.length - 1);
    const kind = random.pick(['kill', 'pause', 'clock', 'partition', 'cut', 'outage', 'switch', 'kill-owner', 'pause-sending'] as const);
    if (kind === 'kill') fleet.kill(index);
    else if (kind === 'kill-owner')
      fleet.kill(
        Math.max(
          0,
          fleet.replicas.findIndex((replica) => replica.holds(random.pick(this.accounts))),
        ),
      );
    else if (kind === 'pause') fleet.pause(index, random.between(1_000, 60_000));
    else if (kind === 'pause-sending') this.pauseAtNextPermit(index);
    else if (kind === 'clock') this.jump(index);
    else if (kind === 'partition') this.partition(index);
    else if (kind === 'cut') this.cut(index);
    else if (kind === 'outage') this.outage();
    else this.engage();
  }

  /** A process that stands still between its permit and its first byte must not send when it wakes up. */
  private pauseAtNextPermit(index: number): void {
    const { fleet, random } = this;
    const known = fleet.database.permits.length;
    const untilMs = fleet.world.time.elapsedMs + PERMIT_WAIT_MS;
    const look = (): void => {
      if (fleet.healed) return;
      if (fleet.database.permits.length > known) fleet.pause(index, random.between(PERMIT_PAUSE_MS.min, PERMIT_PAUSE_MS.max));
      else if (fleet.world.time.elapsedMs < untilMs) this.later(PERMIT_LOOK_MS, look);
    };
    look();
  }

  private jump(index: number): void {
    const byMs = this.random.pick([-3_600_000, -60_000, -5_000, 5_000, 60_000, 3_600_000]);
    this.fleet.count('clock-jump');
    this.fleet.say(this.fleet.replicas[index]!.process.name, `wall clock jumps by ${byMs} ms`);
    this.fleet.replicas[index]!.process.jumpWallClock(byMs);
  }

  private partition(index: number): void {
    const { fleet, random } = this;
    const { name } = fleet.replicas[index]!.process;
    fleet.count('partition');
    fleet.say(name, 'is cut off from the venue');
    fleet.world.network.partition(name, random.pick(['to-venue', 'from-venue', 'both'] as const));
    const ms = random.chance(0.3) ? random.between(40_000, 100_000) : random.between(1_000, 40_000);
    this.later(ms, () => fleet.world.network.restore(name));
  }

  private cut(index: number): void {
    const { line, process } = this.fleet.replicas[index]!;
    this.fleet.count('database-cut');
    this.fleet.say(process.name, 'is cut off from the database');
    line.isCut = true;
    this.later(this.random.between(1_000, 40_000), () => {
      line.isCut = false;
    });
  }

  private outage(): void {
    const { health } = this.fleet;
    this.fleet.count('database-outage');
    this.fleet.say('database', 'goes down');
    health.isDown = true;
    this.later(this.random.between(500, 30_000), () => {
      health.isDown = false;
      this.fleet.say('database', 'is back');
    });
  }

  private engage(): void {
    const { fleet, random } = this;
    const scope = random.pick(['all', 'venue:binance', `account:${random.pick(this.accounts)}`]);
    const { killSwitches } = fleet.database;
    if (killSwitches.has(scope)) return;
    const nowMs = fleet.world.time.elapsedMs;
    fleet.count('kill-switch');
    fleet.say('operator', `engages the kill switch of ${scope}`);
    killSwitches.set(scope, nowMs);
    const period: KillPeriod = { scope, fromMs: nowMs, toMs: Infinity };
    this.killPeriods.push(period);
    this.later(random.between(500, 20_000), () => {
      period.toMs = Math.min(period.toMs, fleet.world.time.elapsedMs);
      killSwitches.delete(scope);
    });
  }

  private later(ms: number, task: () => void): void {
    this.fleet.world.time.world.scheduler.after(ms, task);
  }
}

/** About as long as a request is good for, and a lease counts as ours. */
const PERMIT_PAUSE_MS = { min: 4_000, max: 9_000 };
const PERMIT_WAIT_MS = 2_000;
/** Less than a committed permit needs to come back, ms. */
const PERMIT_LOOK_MS = 0.2;
