/** A lease as the database granted it. */
export interface Granted {
  readonly account: string;
  readonly token: number;
}

interface Held extends Granted {
  /** Monotonic ms from which on it no longer counts as ours. */
  readonly endsMs: number;
}

/**
 * Which leases are certainly ours at a moment of our own monotonic clock. Time comes in with each call. A lease counts from before the
 * statement that gave it was sent: the database began to count later, so we always stop earlier than it does.
 */
export class LeaseBook {
  private readonly held = new Map<string, Held>();

  /** @param validForMs how long a lease counts as ours after the statement that gave it was sent. */
  constructor(private readonly validForMs: number) {}

  current(account: string, nowMs: number): Granted | null {
    const held = this.held.get(account);
    return held === undefined || nowMs >= held.endsMs ? null : held;
  }

  /**
   * Enters a new lease. An answer that comes after the lease has ended, or after one with a higher token, means nothing any more.
   * @returns whether it is held now.
   */
  grant({ account, token }: Granted, sentMs: number, nowMs: number): boolean {
    const endsMs = sentMs + this.validForMs;
    const known = this.held.get(account);
    if (nowMs >= endsMs || (known !== undefined && known.token >= token)) return false;
    this.held.set(account, { account, token, endsMs });
    return true;
  }

  /** Counts a lease anew from the renewing statement. One that was dropped, or replaced by a newer token, stays so. */
  extend({ account, token }: Granted, sentMs: number): void {
    const known = this.held.get(account);
    if (known?.token === token && sentMs + this.validForMs > known.endsMs)
      this.held.set(account, { account, token, endsMs: sentMs + this.validForMs });
  }

  /** @returns false where that lease was not held any more. */
  drop({ account, token }: Granted): boolean {
    return this.held.get(account)?.token === token && this.held.delete(account);
  }

  /** Takes out what has ended. */
  takeEnded(nowMs: number): Granted[] {
    const ended = [...this.held.values()].filter(({ endsMs }) => nowMs >= endsMs);
    for (const { account } of ended) this.held.delete(account);
    return ended;
  }

  all(): Granted[] {
    return [...this.held.values()].map(({ account, token }) => ({ account, token }));
  }

  /** When the next lease ends; `null` where none is held. */
  nextEndMs(): number | null {
    let next: number | null = null;
    for (const { endsMs } of this.held.values()) if (next === null || endsMs < next) next = endsMs;
    return next;
  }
}
