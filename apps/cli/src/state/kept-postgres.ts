import { setTimeout as delay } from 'node:timers/promises';
import type { EmbeddedPostgres } from '#libs/database';
import { RestartPolicy } from './restart-policy.js';

const LOOK_EVERY_MS = 100;

/** What can be done about the server of one folder. */
export interface PostgresControl {
  /** Starts it again where it was. @throws {EmbeddedPostgresError} when it does not start, or `signal` says to give it up. */
  start(signal: AbortSignal): Promise<EmbeddedPostgres>;
  /** Stops whatever server still works on the folder. */
  stopAny(): Promise<void>;
}

/** Told what happens to the server, in words for people. */
export interface PostgresNews {
  /** It is gone, or was asked to stop; it is being started again. */
  lost(what: string): void;
  /** It did not start. `pauseMs`: until the next try. */
  failed(reason: string, pauseMs: number): void;
  /** It answers again, so long after it was found missing. */
  back(outageMs: number): void;
}

/**
 * An embedded server that is started again whenever it goes away: killed, crashed, or stopped by someone else. It may be no child
 * of ours, so its process is looked at, rather than waited for.
 */
export class KeptPostgres {
  private readonly stopping = new AbortController();
  private readonly policy = new RestartPolicy();
  private keeping: Promise<string | null> | null = null;
  private sinceMs = performance.now();

  constructor(
    private server: EmbeddedPostgres,
    private readonly control: PostgresControl,
  ) {}

  /** Keeps it running from now on. Resolves when it cannot be, with the reason; never after `stop()`. */
  async keep(news: PostgresNews): Promise<string> {
    this.keeping ??= this.watch(news);
    const reason = await this.keeping;
    return reason ?? new Promise<never>(() => undefined);
  }

  /** Stops it for good, also in the middle of a restart. */
  async stop(): Promise<void> {
    this.stopping.abort();
    if (this.keeping === null) return this.server.stop();
    await this.keeping;
    await this.control.stopAny();
  }

  private async watch(news: PostgresNews): Promise<string | null> {
    while (await this.pause(LOOK_EVERY_MS)) {
      const state = this.server.state();
      if (state === 'running') continue;
      const reason = await this.restart(state, news);
      if (reason !== null) return reason;
    }
    return null;
  }

  /** @returns why it is given up; `null` when it runs again, or is to be stopped. */
  private async restart(state: 'stopping' | 'gone', news: PostgresNews): Promise<string | null> {
    const lostMs = performance.now();
    const { pid } = this.server;
    news.lost(state === 'gone' ? `its process ${pid} is gone` : `its process ${pid} was asked to stop`);
    let reason = 'it ends again and again';
    let pauseMs = this.policy.failed(lostMs - this.sinceMs);
    while (pauseMs !== null) {
      if (!(await this.pause(pauseMs))) return null;
      const failure = await this.tryStart(state);
      this.sinceMs = performance.now();
      if (this.stopping.signal.aborted) return null;
      if (failure === null) {
        news.back(this.sinceMs - lostMs);
        return null;
      }
      reason = failure;
      pauseMs = this.policy.failed(0);
      if (pauseMs !== null) news.failed(reason, pauseMs);
    }
    return reason;
  }

  /** @returns why it does not start; `null` when it runs. */
  private async tryStart(state: 'stopping' | 'gone'): Promise<string | null> {
    try {
      // It would wait for its sessions to end, and the gateway never ends them.
      if (state === 'stopping') await this.control.stopAny();
      this.server = await this.control.start(this.stopping.signal);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  private async pause(ms: number): Promise<boolean> {
    await delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    return !this.stopping.signal.aborted;
  }
}
