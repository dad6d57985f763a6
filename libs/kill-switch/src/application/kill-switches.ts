import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { Clock, Scheduler, pauseFor } from '#libs/kernel';
import { isInScope } from '../domain/kill-switch.js';
import type { KillScope, KillSwitch } from '../domain/kill-switch.js';
import { HeldUp, KillSwitchStore } from './kill-switch-store.js';
import type { Actor, Engaged } from './kill-switch-store.js';
import { OpenOrders } from './open-orders.js';

const LOOK_EVERY_MS = 1_000;
/** Locks are held for milliseconds. A process that is paused while it holds one is cut off by the database after 10 s: we last longer. */
const HELD_UP_MAX_MS = 12_000;
const HELD_UP_PAUSE_MS = 20;
/** How long an answer waits for the venue to confirm cancels. */
const CANCEL_WAIT_MS = 5_000;

export interface EngageRequest {
  readonly scope: KillScope;
  readonly reason: string | null;
  readonly cancelOpenOrders: boolean;
}

/**
 * Stops orders. Engaging has two steps: first the switch is committed, so that whatever begins later is refused; then the gates are
 * marked, which waits for what began earlier. Once `engage` has returned, no new permit in the scope exists anywhere.
 * Each replica looks at the switches every second, and cancels what is open on the accounts that it holds where a switch asks for that.
 */
@Injectable()
export class KillSwitches implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('kill-switch');
  private readonly canceling = new Map<string, Promise<void>>();
  private readonly listeners: ((switches: readonly KillSwitch[]) => void)[] = [];
  private seen: readonly KillSwitch[] = [];
  private cancelNextLook: (() => void) | null = null;
  private stopped = false;

  constructor(
    @Inject(KillSwitchStore) private readonly store: KillSwitchStore,
    @Inject(OpenOrders) private readonly orders: OpenOrders,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Scheduler) private readonly scheduler: Scheduler,
  ) {}

  onApplicationBootstrap(): void {
    this.plan();
  }

  onModuleDestroy(): void {
    this.stopped = true;
    this.cancelNextLook?.();
  }

  /** What was engaged when last looked, at most about a second ago. */
  lastSeen(): readonly KillSwitch[] {
    return this.seen;
  }

  /** Told what is engaged after each look and each change made here. */
  onLook(listener: (switches: readonly KillSwitch[]) => void): void {
    this.listeners.push(listener);
  }

  all(): Promise<readonly KillSwitch[]> {
    return this.store.all();
  }

  /** @throws HeldUp when the switch or the gates could not be changed for 12 s: repeat. The switch itself may stand. */
  async engage({ scope, reason, cancelOpenOrders }: EngageRequest, by: Actor): Promise<Engaged> {
    const wanted = { scope, reason, cancelOpenOrders, engagedAtMs: this.clock.nowMs(), engagedBy: by.name };
    const engaged = await this.insist(() => this.store.engage(wanted, by));
    await this.insist(() => this.store.halt());
    this.note([...this.seen.filter((one) => one.scope !== scope), engaged.after]);
    this.logger.warn({ msg: 'kill switch engaged', scope, by: by.name });
    if (engaged.after.cancelOpenOrders) await this.atMost(CANCEL_WAIT_MS, this.cancelUnder([engaged.after]));
    return engaged;
  }

  /** @returns what was engaged, if anything. @throws HeldUp */
  async lift(scope: KillScope, by: Actor): Promise<KillSwitch | null> {
    const lifted = await this.insist(() => this.store.lift(scope, by));
    this.note(this.seen.filter((one) => one.scope !== scope));
    if (lifted !== null) this.logger.warn({ msg: 'kill switch lifted', scope, by: by.name });
    return lifted;
  }

  /** Looks once: finishes what another process began and did not end, and begins to cancel what is to be canceled. */
  async look(): Promise<void> {
    this.note(await this.store.all());
    if (this.seen.length === 0) return;
    await this.store.halt();
    void this.cancelUnder(this.seen.filter((one) => one.cancelOpenOrders));
  }

  private note(switches: readonly KillSwitch[]): void {
    this.seen = switches;
    for (const listener of this.listeners) listener(switches);
  }

  private async cancelUnder(switches: readonly KillSwitch[]): Promise<void> {
    if (switches.length === 0) return;
    const work = this.orders.held().flatMap(({ account, venue }) => {
      const one = switches.find(({ scope }) => isInScope(scope, account, venue));
      return one === undefined ? [] : [this.cancel(account, one)];
    });
    await Promise.all(work);
  }

  /** One at a time for each account; whoever comes meanwhile waits for that one. */
  private cancel(account: string, { scope, engagedBy }: KillSwitch): Promise<void> {
    let running = this.canceling.get(account);
    if (running === undefined) {
      running = this.orders
        .cancelAll(account, engagedBy)
        .then((open) => {
          if (open > 0) this.logger.warn({ msg: 'orders are still open under a kill switch', account, scope, open });
        })
        .catch((error: unknown) => this.logger.error({ msg: 'canceling under a kill switch failed', account, scope, err: error }))
        .finally(() => this.canceling.delete(account));
      this.canceling.set(account, running);
    }
    return running;
  }

  private plan(): void {
    if (this.stopped) return;
    this.cancelNextLook = this.scheduler.after(LOOK_EVERY_MS, () => {
      void this.look()
        .catch((error: unknown) => {
          if (!(error instanceof HeldUp)) this.logger.warn({ msg: 'kill switches cannot be looked at', err: error });
        })
        .finally(() => this.plan());
    });
  }

  private async insist<T>(work: () => Promise<T>): Promise<T> {
    const untilMs = this.clock.monotonicMs() + HELD_UP_MAX_MS;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof HeldUp) || this.clock.monotonicMs() >= untilMs) throw error;
      }
      await pauseFor(this.scheduler, HELD_UP_PAUSE_MS);
    }
  }

  private async atMost(ms: number, work: Promise<void>): Promise<void> {
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => (cancel = this.scheduler.after(ms, resolve)));
    await Promise.race([work, late]);
    cancel();
  }
}
