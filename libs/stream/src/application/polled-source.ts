import { repeatEvery } from '#libs/kernel';
import type { Scheduler } from '#libs/kernel';

/** What a poll found, as JSON text with the time it is from; `null`: nothing new. */
export interface Finding {
  readonly data: string;
  readonly atMs: number;
}

/**
 * Something of which only the newest counts, looked at regularly while somebody hears it: looked at once and made into text once for all.
 */
export abstract class PolledSource {
  /** Rises with each change; 0 while nothing is known. */
  version = 0;
  private readonly listeners = new Set<() => void>();
  private stopPolling: (() => void) | null = null;
  private isPolling = false;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly everyMs: number,
  ) {}

  get isHeard(): boolean {
    return this.listeners.size > 0;
  }

  hear(listener: () => void): void {
    this.listeners.add(listener);
    if (this.stopPolling !== null) return;
    this.stopPolling = repeatEvery(this.scheduler, this.everyMs, () => this.look());
    this.look();
  }

  unhear(listener: () => void): void {
    this.listeners.delete(listener);
    if (this.isHeard) return;
    this.stopPolling?.();
    this.stopPolling = null;
  }

  /** What somebody who has seen `version` is told now; `null`: nothing. */
  abstract newsSince(version: number): Finding | null;

  /** Looks once; answers whether something changed. May reject: then nothing did. */
  protected abstract poll(): Promise<boolean>;

  private look(): void {
    if (this.isPolling) return;
    this.isPolling = true;
    this.poll()
      .then((isChanged) => {
        if (!isChanged) return;
        this.version += 1;
        for (const listener of this.listeners) listener();
      })
      // Whatever cannot be had now is looked for again; the last message stands, and a book says itself that it is stale.
      .catch(() => undefined)
      .finally(() => {
        this.isPolling = false;
      });
  }
}

/** A source whose newest state replaces every earlier one. `look` answers the state and what tells it apart, or `null` while there is none. */
export class NewestState extends PolledSource {
  private state: { readonly mark: string; readonly finding: Finding } | null = null;

  constructor(
    scheduler: Scheduler,
    everyMs: number,
    private readonly lookUp: () => Promise<{ readonly mark: string; readonly data: unknown; readonly atMs: number } | null>,
  ) {
    super(scheduler, everyMs);
  }

  newsSince(): Finding | null {
    return this.state?.finding ?? null;
  }

  protected async poll(): Promise<boolean> {
    const found = await this.lookUp();
    if (found === null || found.mark === this.state?.mark) return false;
    this.state = { mark: found.mark, finding: { data: JSON.stringify(found.data), atMs: found.atMs } };
    return true;
  }
}
