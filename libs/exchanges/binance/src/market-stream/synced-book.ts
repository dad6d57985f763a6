import { LevelBatch, LevelBook, type BookTop } from '#libs/exchanges/books';
import { BookSync, type SnapshotVerdict, type SyncDecision } from './book-sync.js';
import { MarketFrameReader } from './frame-reader.js';
import type { DepthFrame, DepthSnapshot } from './frames.js';
import type { SequenceId } from './sequence.js';

/** A book together with the proof of its sequence. What it says is true while `live`; after a gap it says nothing. */
export class SyncedBook {
  private readonly sync = new BookSync<Buffer>();
  private readonly levels = new LevelBook();
  private appliedCount = 0;
  private timeMs: number | null = null;

  /**
   * One depth event. On `gap` the levels stay as they were last proven: whoever shows them must say so.
   * @param bytes - the frame it was read from; kept (not copied) when there is no proven book yet.
   */
  offer(event: DepthFrame, bytes: Buffer): SyncDecision {
    const decision = this.sync.offer(event.first, event.last, () => bytes);
    if (decision === 'apply') this.apply(event);
    return decision;
  }

  /** A snapshot: on `live` the book is it, with the events kept since on top. */
  accept(snapshot: DepthSnapshot): SnapshotVerdict {
    const verdict = this.sync.accept(snapshot.lastUpdateId);
    if (verdict !== 'live') return verdict;
    this.levels.clear();
    this.levels.apply(batchOf(snapshot.bids), batchOf(snapshot.asks));
    this.timeMs = null;
    const reader = new MarketFrameReader();
    for (const bytes of this.sync.takeKept()) {
      const frame = reader.read(bytes);
      if (frame.kind === 'depth') this.apply(frame);
    }
    return verdict;
  }

  /** The proof is gone: see `BookSync.invalidate`. */
  invalidate(): void {
    this.sync.invalidate();
  }

  get live(): boolean {
    return this.sync.live;
  }

  get hasKept(): boolean {
    return this.sync.hasKept;
  }

  get sequence(): SequenceId | null {
    return this.sync.sequence;
  }

  /** Venue time of the last event applied; `null` where it is the snapshot's, which has none. */
  get venueTimeMs(): number | null {
    return this.timeMs;
  }

  /** Events applied so far. */
  get applied(): number {
    return this.appliedCount;
  }

  get dropped(): number {
    return this.sync.dropped;
  }

  get droppedSinceApplied(): number {
    return this.sync.droppedSinceApplied;
  }

  get bidCount(): number {
    return this.levels.bidCount;
  }

  get askCount(): number {
    return this.levels.askCount;
  }

  isCrossed(): boolean {
    return this.levels.isCrossed();
  }

  top(depth: number): BookTop {
    return this.levels.top(depth);
  }

  private apply(event: DepthFrame): void {
    this.levels.apply(event.bids, event.asks);
    this.timeMs = event.eventTimeMs;
    this.appliedCount += 1;
  }
}

function batchOf(levels: DepthSnapshot['bids']): LevelBatch {
  const batch = new LevelBatch();
  for (const [price, quantity] of levels) batch.add(price, quantity);
  return batch;
}
