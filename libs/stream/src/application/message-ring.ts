const COMPACT_AT = 1_024;

/** The newest messages of a numbered stream, without gaps, up to an amount of bytes: the oldest leave first. */
export class MessageRing {
  private messages: Buffer[] = [];
  /** Bytes of everything ever pushed, up to and including each message. */
  private ends: number[] = [];
  private dropped = 0;
  private total = 0;
  private last: number;

  /** @param lastSeq - the number before the first message that will be pushed. */
  constructor(
    lastSeq: number,
    private readonly bytesMax: number,
  ) {
    this.last = lastSeq;
  }

  get lastSeq(): number {
    return this.last;
  }

  push(message: Buffer): void {
    this.last += 1;
    this.total += message.length;
    this.messages.push(message);
    this.ends.push(this.total);
    while (this.heldBytes() > this.bytesMax && this.size() > 1) this.dropped += 1;
    if (this.dropped < COMPACT_AT) return;
    this.messages = this.messages.slice(this.dropped);
    this.ends = this.ends.slice(this.dropped);
    this.dropped = 0;
  }

  /** The message with this number; `undefined` where it has left or has not come yet. */
  at(seq: number): Buffer | undefined {
    const index = this.indexOf(seq);
    return index < this.dropped ? undefined : this.messages[index];
  }

  /** Bytes of the held messages after this number. */
  bytesAfter(seq: number): number {
    if (seq >= this.last) return 0;
    const index = this.indexOf(seq);
    return index < this.dropped ? this.heldBytes() : this.total - this.ends[index]!;
  }

  private size(): number {
    return this.messages.length - this.dropped;
  }

  private heldBytes(): number {
    if (this.size() === 0) return 0;
    return this.total - this.ends[this.dropped]! + this.messages[this.dropped]!.length;
  }

  private indexOf(seq: number): number {
    return this.messages.length - 1 - (this.last - seq);
  }
}
