import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { crashed } from './seed-outcome.js';
import type { SeedOutcome } from './seed-outcome.js';
import type { FromWorker, ToWorker } from './worker-messages.js';

export interface PoolOptions {
  readonly jobs: number;
  /** Planted in every worker; none where it is `null`. */
  readonly mutant: string | null;
  /** Told as they come, in no order. */
  readonly onOutcome: (outcome: SeedOutcome) => void;
  /** Asked after each outcome: where it says yes, no more seeds are given out. */
  readonly isEnough: () => boolean;
  /** A seed that takes longer has gone round in circles, ms of real time. */
  readonly seedTimeoutMs?: number;
}

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));
/** Few enough that all workers end at about the same time, many enough that none waits for its next. */
const CHUNK = 8;
const SEED_TIMEOUT_MS = 60_000;

/** A worker that could not even begin: its own words are on the error stream. */
export class WorkerFailed extends Error {
  override readonly name = 'WorkerFailed';
}

/** Gives seeds to worker processes. A worker that dies or hangs over a seed costs that seed, and is replaced. */
export class WorkerPool {
  private readonly waiting: number[];
  private readonly workers = new Set<ChildProcess>();

  private constructor(
    seeds: readonly number[],
    private readonly options: PoolOptions,
    private readonly end: (error: Error | null) => void,
  ) {
    this.waiting = [...seeds];
    const jobs = Math.max(1, Math.min(options.jobs, seeds.length));
    for (let job = 0; job < jobs; job += 1) this.start();
  }

  /** Resolves when every seed is played, or enough of them. @throws WorkerFailed */
  static play(seeds: readonly number[], options: PoolOptions): Promise<void> {
    if (seeds.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => void new WorkerPool(seeds, options, (error) => (error === null ? resolve() : reject(error))));
  }

  private start(): void {
    const { mutant } = this.options;
    const worker = fork(WORKER, mutant === null ? [] : [mutant], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.workers.add(worker);
    let hasBegun = false;
    let given: number[] = [];
    let isHanging = false;
    const watch = new Watch(this.options.seedTimeoutMs ?? SEED_TIMEOUT_MS, () => {
      isHanging = true;
      worker.kill('SIGKILL');
    });
    const leave = (): void => {
      if (worker.connected) worker.disconnect();
    };
    worker.on('message', (message: FromWorker) => {
      watch.stop();
      hasBegun = true;
      if (message.kind === 'outcome') {
        given.shift();
        this.options.onOutcome(message.outcome);
        if (this.options.isEnough()) this.waiting.length = 0;
        if (given.length > 0) watch.start();
        if (this.options.isEnough()) leave();
        return;
      }
      given = this.waiting.splice(0, CHUNK);
      if (given.length === 0) return leave();
      worker.send({ seeds: given } satisfies ToWorker);
      watch.start();
    });
    worker.on('error', () => undefined);
    worker.on('exit', (code, signal) => {
      watch.stop();
      this.workers.delete(worker);
      if (!hasBegun) return this.fail(new WorkerFailed(`a worker could not begin (exit ${code ?? signal})`));
      const lost = given.shift();
      if (lost !== undefined && !this.options.isEnough()) {
        this.options.onOutcome(crashed(lost, isHanging ? 'the run did not end' : `the process died over it (${code ?? signal})`));
        this.waiting.unshift(...given);
      }
      if (this.waiting.length > 0 && !this.options.isEnough()) this.start();
      else if (this.workers.size === 0) this.end(null);
    });
  }

  private fail(error: Error): void {
    this.waiting.length = 0;
    for (const worker of this.workers) worker.kill();
    this.end(error);
  }
}

/** A timer that can be wound again. */
class Watch {
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly ms: number,
    private readonly bark: () => void,
  ) {}

  start(): void {
    this.stop();
    this.timer = setTimeout(this.bark, this.ms);
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
