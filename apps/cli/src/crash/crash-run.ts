import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '#libs/database';
import { episodesOf, groupsOf } from './episodes.js';
import type { Plan } from './episodes.js';
import { Lane } from './lane.js';
import { Report } from './report.js';
import { seededRandom } from './random.js';
import { openStage } from './stage.js';

export interface CrashRunOptions extends Plan {
  readonly seed: number;
  /** Stages side by side. */
  readonly lanes: number;
  /** The checkout, built. */
  readonly root: string;
}

/** A run that can be broken off: whatever it started is then stopped as well. */
export class CrashRun {
  private readonly open: (() => Promise<void>)[] = [];
  readonly report: Report;
  /** One role for the gateways of all lanes. */
  private readonly appPassword = randomBytes(12).toString('hex');

  constructor(
    private readonly options: CrashRunOptions,
    private readonly out: (line: string) => void,
  ) {
    this.report = new Report(groupsOf(options), out);
  }

  /** @returns whether the venue's ledger agrees with everything, and each point was reached. */
  async run(): Promise<boolean> {
    const { seed } = this.options;
    const folder = await mkdtemp(path.join(tmpdir(), 'breakwater-crash-'));
    const random = seededRandom(seed);
    const episodes = [...episodesOf(this.options, random)];
    const lanes = Math.min(this.options.lanes, episodes.length);
    this.report.say(`${episodes.length} episodes in ${lanes} lanes, seed ${seed}, logs in ${folder}`);
    try {
      const postgres = await startEmbeddedPostgres({ folder: this.postgresFolder(folder) });
      this.open.push(() => postgres.stop());
      const running: Promise<void>[] = [];
      for (let index = 0; index < lanes; index += 1) {
        const lane = await this.lane(`lane-${index + 1}`, path.join(folder, `lane-${index + 1}`), random);
        running.push(lane.run(() => episodes.shift()));
      }
      await Promise.all(running);
    } finally {
      await this.close();
    }
    const isGood = this.report.totals().numFailedTests === 0;
    if (isGood) await rm(folder, { recursive: true, force: true });
    else this.out(`seed ${seed}; the logs of gateways and simulators stay in ${folder}`);
    return isGood;
  }

  /** Stops everything, last started first. */
  async close(): Promise<void> {
    for (const close of this.open.splice(0).toReversed()) await close();
  }

  private async lane(name: string, folder: string, random: () => number): Promise<Lane> {
    const { root, seed } = this.options;
    // A database of its own on the server that runs already.
    const database = await startEmbeddedPostgres({ folder: this.postgresFolder(path.dirname(folder)), database: name.replace('-', '_') });
    const stage = await openStage({ root, folder, databaseUrl: database.url, appPassword: this.appPassword, seed });
    this.open.push(() => stage.close());
    const lane = new Lane(name, folder, stage, this.report, random);
    this.open.push(() => lane.close());
    return lane;
  }

  private postgresFolder(folder: string): string {
    return path.join(folder, 'postgres');
  }
}
