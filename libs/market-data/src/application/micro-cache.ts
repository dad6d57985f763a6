interface Entry<T> {
  readonly answer: Promise<T>;
  /** Monotonic; `null` while the answer is still on its way. */
  answeredAtMs: number | null;
}

/**
 * Shares one call among all who ask for the same thing within a short time: those who come while it is under way, and
 * those who come until the answer is `ttlMs` old. A failure goes to those who wait, and is not kept.
 */
export class MicroCache<T> {
  private readonly entries = new Map<string, Entry<T>>();

  /**
   * @param nowMs - monotonic clock.
   * @param entriesMax - beyond this the oldest answers are forgotten first; calls under way are never forgotten.
   */
  constructor(
    private readonly ttlMs: number,
    private readonly entriesMax: number,
    private readonly nowMs: () => number,
  ) {}

  get(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.entries.get(key);
    if (known !== undefined && this.isFresh(known)) return known.answer;
    const entry: Entry<T> = { answer: ask(), answeredAtMs: null };
    this.entries.delete(key);
    this.entries.set(key, entry);
    void entry.answer.then(
      () => {
        entry.answeredAtMs = this.nowMs();
      },
      () => {
        if (this.entries.get(key) === entry) this.entries.delete(key);
      },
    );
    if (this.entries.size > this.entriesMax) this.sweep();
    return entry.answer;
  }

  /** How many answers are held. */
  get size(): number {
    return this.entries.size;
  }

  private isFresh(entry: Entry<T>): boolean {
    return entry.answeredAtMs === null || this.nowMs() - entry.answeredAtMs < this.ttlMs;
  }

  /** A map hands out its entries in the order they were made. */
  private sweep(): void {
    for (const [key, entry] of this.entries) {
      if (entry.answeredAtMs !== null && (!this.isFresh(entry) || this.entries.size > this.entriesMax)) this.entries.delete(key);
    }
  }
}
