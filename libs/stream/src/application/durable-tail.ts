import type { Scheduler } from '#libs/kernel';
import { MessageRing } from './message-ring.js';
import type { Numbered } from './messages.js';
import type { StreamLimits } from './stream-limits.js';

/** Who follows a tail: told of each page, and asked whether the last one has left for the client. */
export interface Follower {
  wake(): void;
  hasTakenAll(): boolean;
}

/** Of the followers, those who are waited for: a burst is no slowness, but a few slow clients must not hold up all others. */
const WAITED_FOR = 0.75;

/** Reads messages with numbers above `seq`, made ready to send. */
export type ReadMessages = (seq: number, limit: number) => Promise<readonly Numbered[]>;

/** A stretch of the past. */
export interface Page {
  readonly firstSeq: number;
  readonly messages: readonly Buffer[];
}

/** Numbers that must follow each other did not: the reader stops before the gap and says so. */
export class SequenceGap extends Error {
  override readonly name = 'SequenceGap';
}

/**
 * The end of one numbered stream of one account, shared by all who hear it: what is new is read once, made into a message once, and
 * kept in a ring from which each client takes at its own pace. Nothing is queued for anybody.
 */
export class DurableTail {
  ring: MessageRing;
  private readonly followers = new Set<Follower>();
  private readonly pages = new Map<number, Promise<Page>>();
  private roomMade: (() => void) | null = null;
  private target: number;
  private reading: Promise<void> | null = null;

  constructor(
    private readonly read: ReadMessages,
    head: number,
    private readonly limits: StreamLimits,
    private readonly scheduler: Scheduler,
  ) {
    this.target = head;
    this.ring = new MessageRing(head, limits.ringBytesMax);
  }

  follow(follower: Follower): void {
    this.followers.add(follower);
  }

  unfollow(follower: Follower): void {
    this.followers.delete(follower);
    this.tookSome();
  }

  /**
   * Reads on until `head`, a page at a time, each when most followers have taken the last one or `paceMs` have passed. Asked again
   * meanwhile, the one reading goes on to the higher number.
   */
  advance(head: number): Promise<void> {
    this.target = Math.max(this.target, head);
    this.reading ??= this.readOn().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  /** The stretch of the past that holds this number; clients that replay the same share it. */
  page(seq: number): Promise<Page> {
    const { pageSize } = this.limits;
    const before = seq - 1 - ((seq - 1) % pageSize);
    const known = this.pages.get(before);
    if (known !== undefined) return known;
    const page = this.readPage(before);
    this.pages.set(before, page);
    const forget = (): void => {
      if (this.pages.get(before) === page) this.pages.delete(before);
    };
    page.then(({ messages }) => {
      if (messages.length < pageSize) forget();
    }, forget);
    if (this.pages.size > this.limits.pagesKept) this.pages.delete(this.pages.keys().next().value!);
    return page;
  }

  /** A follower has sent something: the next page may be due. */
  tookSome(): void {
    if (this.roomMade !== null && this.mostHaveTakenAll()) this.roomMade();
  }

  private async readOn(): Promise<void> {
    while (this.ring.lastSeq < this.target) {
      if (this.followers.size === 0) return this.leap();
      const page = await this.read(this.ring.lastSeq, this.limits.pageSize);
      if (page.length === 0) return;
      for (const { seq, message } of page) {
        if (seq !== this.ring.lastSeq + 1) throw new SequenceGap(`${this.ring.lastSeq} is followed by ${seq}`);
        this.ring.push(message);
      }
      for (const follower of this.followers) follower.wake();
      await this.room();
    }
  }

  /** Nobody listens: nothing has to be read. */
  private leap(): void {
    this.ring = new MessageRing(this.target, this.limits.ringBytesMax);
  }

  private async readPage(before: number): Promise<Page> {
    const rows = await this.read(before, this.limits.pageSize);
    const firstSeq = rows[0]?.seq ?? before + 1;
    for (const [index, { seq }] of rows.entries()) {
      if (seq !== firstSeq + index) throw new SequenceGap(`${firstSeq + index - 1} is followed by ${seq}`);
    }
    return { firstSeq, messages: rows.map(({ message }) => message) };
  }

  /** Resolves when most followers have taken what was read, at the latest after `paceMs`. */
  private async room(): Promise<void> {
    if (this.mostHaveTakenAll()) return;
    await new Promise<void>((resolve) => {
      const cancel = this.scheduler.after(this.limits.paceMs, resolve);
      this.roomMade = () => {
        cancel();
        resolve();
      };
    });
    this.roomMade = null;
  }

  private mostHaveTakenAll(): boolean {
    let taken = 0;
    for (const follower of this.followers) if (follower.hasTakenAll()) taken += 1;
    return taken >= Math.min(this.followers.size, Math.max(1, Math.floor(this.followers.size * WAITED_FOR)));
  }
}
