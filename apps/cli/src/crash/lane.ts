import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Clients } from './clients.js';
import { PAUSE, STORM } from './episodes.js';
import type { Episode } from './episodes.js';
import { judge } from './judge.js';
import type { Finding } from './judge.js';
import { Load } from './load.js';
import { isRunning, kill, stop } from './processes.js';
import type { Launched } from './processes.js';
import type { Report } from './report.js';
import type { Stage } from './stage.js';
import { Venue } from './venue.js';

/** How long the load may take to bring a gateway to an armed point. */
const REACHED_WITHIN_MS = 30_000;
/** The horizon of an absence is 42 s after a gateway began to look (ORDER-SAFETY, point 6), and the looks follow each other by 5 s. */
const ABSENT_WITHIN_MS = 80_000;
/** The same once more, for an order that was sent again at the end of the first. */
const SETTLED_WITHIN_MS = 110_000;
const FINALE_MAX_MS = 180_000;
const PAUSED_MS = 15_000;
/** The load goes on for so long before the gateway is stopped in the middle of it. */
const BEFORE_PAUSE_MS = 800;
const LOST_ORDERS = 6;
/** The third absence: two orders wait to be sent again by then, and their events are durable. */
const ABSENT_PASSING = 3;
const JUDGE_EVERY_MS = 1_000;

type Running = Launched<{ url: string }>;

/** One database, one venue, and one gateway after the other, hurt by one episode after the other under a load that goes on. */
export class Lane {
  private readonly clients = new Clients();
  private readonly load: Load;
  private readonly venue: Venue;
  /** What the last crash counts for; the next start shows how long it took to come back. */
  private lastGroup: string | null = null;
  private running: Running | null = null;

  constructor(
    private readonly name: string,
    private readonly folder: string,
    private readonly stage: Stage,
    private readonly report: Report,
    random: () => number,
  ) {
    this.load = new Load(this.clients, name, random);
    this.venue = new Venue(stage.simulatorUrl);
  }

  /** @param next - takes the next episode of all lanes; `undefined` when none is left. */
  async run(next: () => Episode | undefined): Promise<void> {
    await this.venue.unsettle();
    this.load.start();
    for (let episode = next(); episode !== undefined; episode = next()) await this.play(episode);
    await this.finale();
  }

  /** Kills whatever gateway still runs. */
  async close(): Promise<void> {
    if (this.running !== null) await kill(this.running);
  }

  private play(episode: Episode): Promise<void> {
    switch (episode.kind) {
      case 'point':
        return this.crashAt(episode.point, episode.passing, REACHED_WITHIN_MS);
      case 'absence':
        return this.absence();
      case 'storm':
        return this.storm(episode.from, episode.afterMs);
      case 'pause':
        return this.pause();
    }
  }

  private async crashAt(point: string, passing: number, withinMs: number): Promise<void> {
    const gateway = this.start(point, `${point}:${passing}`);
    await this.untilDead(gateway, point, `${point}:${passing}`, withinMs);
  }

  /** Orders that never arrive are proven absent, then sent again; the process dies in the middle of both. */
  private async absence(): Promise<void> {
    const gateway = this.start('resolver.absent', `resolver.absent:${ABSENT_PASSING}`);
    if ((await gateway.ready) === null) return this.died(gateway, 'resolver.absent');
    await this.load.quiet();
    await this.venue.loseOrders(LOST_ORDERS);
    for (let order = 0; order < LOST_ORDERS; order += 1) {
      this.load.group = order < LOST_ORDERS / 2 ? 'resolver.absent' : 'resolver.resubmitted';
      await this.load.resubmittable();
    }
    await this.venue.unsettle();
    this.report.say(`${this.name}: ${LOST_ORDERS} orders are lost; absence may be concluded in 42 s`);
    await this.untilDead(gateway, 'resolver.absent', `resolver.absent:${ABSENT_PASSING}`, ABSENT_WITHIN_MS);
    this.load.resume();
    await this.crashAt('resolver.resubmitted', 1, ABSENT_WITHIN_MS);
  }

  private async storm(from: 'start' | 'ready', afterMs: number): Promise<void> {
    const gateway = this.start(STORM, null);
    if (from === 'ready') await gateway.ready;
    await Promise.race([delay(afterMs), gateway.ended]);
    if (!isRunning(gateway)) return this.died(gateway, STORM);
    await this.killed(gateway, STORM);
    this.report.say(`${this.name}: killed ${(afterMs / 1_000).toFixed(1)} s ${from === 'ready' ? 'after it was ready' : 'into its start'}`);
  }

  private async pause(): Promise<void> {
    const gateway = this.start(PAUSE, null);
    if ((await gateway.ready) === null) return this.died(gateway, PAUSE);
    await delay(BEFORE_PAUSE_MS);
    gateway.child.kill('SIGSTOP');
    await delay(PAUSED_MS);
    gateway.child.kill('SIGCONT');
    const wokenMs = performance.now();
    await Promise.race([this.load.probe(), gateway.ended]);
    if (!isRunning(gateway)) return this.died(gateway, PAUSE);
    this.report.ready(PAUSE, performance.now() - wokenMs);
    this.report.say(`${this.name}: paused for ${PAUSED_MS / 1_000} s, and it takes orders again`);
    await this.killed(gateway, PAUSE);
    this.lastGroup = null;
  }

  /** Starts a gateway, and lets the clients in when it is ready. */
  private start(group: string, crashAt: string | null): Running {
    this.load.group = group;
    const restarted = this.lastGroup;
    const startedMs = performance.now();
    const gateway = this.stage.gateway(crashAt);
    this.running = gateway;
    void gateway.ready.then((message) => {
      if (message === null || !isRunning(gateway)) return;
      if (restarted !== null) this.report.ready(restarted, performance.now() - startedMs);
      this.clients.serve({ url: message.url, key: this.stage.adminKey() });
    });
    void gateway.ended.then(() => this.clients.away());
    return gateway;
  }

  private async untilDead(gateway: Running, group: string, armed: string, withinMs: number): Promise<void> {
    const late = new AbortController();
    const how = await Promise.race([gateway.ended, delay(withinMs, 'late' as const, { signal: late.signal }).catch(() => null)]);
    late.abort();
    this.lastGroup = group;
    if (how === 'SIGKILL') {
      this.report.crashed(group);
      this.report.say(`${this.name}: killed itself at ${armed}`);
    } else if (how === 'late') {
      this.report.notReached(group);
      this.report.say(`${this.name}: ${armed} NOT REACHED within ${withinMs / 1_000} s`);
      await kill(gateway);
    } else await this.died(gateway, group);
  }

  private async killed(gateway: Running, group: string): Promise<void> {
    await kill(gateway);
    this.report.crashed(group);
    this.lastGroup = group;
  }

  private async died(gateway: Running, group: string): Promise<void> {
    this.report.failed(group, `${this.name}: the gateway ended by itself with ${String(await gateway.ended)}`);
  }

  /** A last start, no more faults, and time for the resolver; then the venue's ledger is compared. */
  private async finale(): Promise<void> {
    const gateway = this.start('', null);
    await this.venue.settle();
    this.report.say(`${this.name}: no more crashes; the resolver has its time`);
    const findings = await Promise.race([this.settled(), gateway.ended.then(() => null), delay(FINALE_MAX_MS, null, { ref: false })]);
    if (findings === null) this.report.failed('', `${this.name}: the last gateway ended by itself, or does not answer its clients`);
    else this.report.judged(this.load.intents, findings);
    if (findings !== null && findings.length > 0) writeFileSync(path.join(this.folder, 'findings.json'), JSON.stringify(findings, null, 2));
    const how = await stop(gateway);
    if (how !== 0) this.report.failed('', `${this.name}: after SIGTERM the gateway ended with ${String(how)}`);
  }

  /** @returns what is still wrong when the resolver had its time; as soon as nothing is, nothing. */
  private async settled(): Promise<readonly Finding[]> {
    const untilMs = performance.now() + SETTLED_WITHIN_MS;
    await this.load.finish();
    for (;;) {
      const findings = await this.findings();
      if (findings.length === 0 || performance.now() > untilMs) return findings;
      await delay(JUDGE_EVERY_MS);
    }
  }

  private async findings(): Promise<readonly Finding[]> {
    // The ledger last: what is booked in between is then missing here, and the next look is the one that counts.
    const orders = await this.clients.orders();
    const fills = await this.clients.fills();
    return judge(this.load.intents, orders, fills, await this.venue.ledger());
  }
}
