import type { BookLevel } from '#libs/model';
import { compareDecimalTexts } from './digits.js';
import type { LevelBatch } from './level-batch.js';
import { LevelSide } from './level-side.js';
import { TextSide } from './text-side.js';

/** Both sides, best first. */
export interface BookTop {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/**
 * A book of price levels with absolute quantities, in the venue's exact text. It knows nothing of sequences: whether
 * what is in it is true is said by whoever feeds it.
 */
export class LevelBook {
  private readonly fastBids = new LevelSide(1);
  private readonly fastAsks = new LevelSide(-1);
  private textBids: TextSide | null = null;
  private textAsks: TextSide | null = null;

  /** Sets the levels of both batches; quantity zero removes. Applying the same batch twice changes nothing. */
  apply(bids: LevelBatch, asks: LevelBatch): void {
    if (this.textBids !== null) this.textBids.apply(bids);
    else if (!this.fastBids.apply(bids)) this.textBids = asText(this.fastBids, 1, bids);
    if (this.textAsks !== null) this.textAsks.apply(asks);
    else if (!this.fastAsks.apply(asks)) this.textAsks = asText(this.fastAsks, -1, asks);
  }

  clear(): void {
    this.fastBids.clear();
    this.fastAsks.clear();
    this.textBids = null;
    this.textAsks = null;
  }

  get bidCount(): number {
    return (this.textBids ?? this.fastBids).count;
  }

  get askCount(): number {
    return (this.textAsks ?? this.fastAsks).count;
  }

  /** The best `depth` levels of each side, best first, in the venue's text. */
  top(depth: number): BookTop {
    return { bids: (this.textBids ?? this.fastBids).top(depth), asks: (this.textAsks ?? this.fastAsks).top(depth) };
  }

  /** True when a bid is not below the best ask. No venue rests such orders, so the book is wrong then. */
  isCrossed(): boolean {
    if (this.textBids === null && this.textAsks === null && this.fastBids.keyScale === this.fastAsks.keyScale) {
      return this.fastBids.bestKey() >= this.fastAsks.bestKey();
    }
    const { bids, asks } = this.top(1);
    return bids.length > 0 && asks.length > 0 && compareDecimalTexts(bids[0]![0], asks[0]![0]) >= 0;
  }
}

/** Goes over to text for good (until `clear`), and applies the batch that did not fit. */
function asText(side: LevelSide, sign: 1 | -1, batch: LevelBatch): TextSide {
  const text = new TextSide(sign);
  text.fill(side.top(side.count));
  side.clear();
  text.apply(batch);
  return text;
}
