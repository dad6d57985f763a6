/** Levels as people compare them: price and quantity without trailing zeros, best first. */
export type PlainLevel = readonly [price: string, quantity: string];

/** `suspect`: an event was missed, or no snapshot has come since; then no levels are shown. */
export type ReplayTrust = 'live' | 'suspect';

export interface ReplayCheckpoint {
  readonly line: number;
  readonly trust: ReplayTrust;
  readonly bids: readonly PlainLevel[];
  readonly asks: readonly PlainLevel[];
}

export interface ReplayGap {
  readonly line: number;
  readonly reason: string;
}

export interface ReplayBook {
  readonly bookMessages: number;
  readonly droppedBeforeSnapshot: number;
  readonly finalLevels: { readonly bids: number; readonly asks: number };
  readonly checkpoints: readonly ReplayCheckpoint[];
  readonly finalTop20: { readonly bids: readonly PlainLevel[]; readonly asks: readonly PlainLevel[] };
  readonly trust: ReplayTrust;
  readonly sequence: string | null;
  readonly snapshots: number;
  readonly gaps: readonly ReplayGap[];
}

/** What came out of a recording. The names are those of the `.expected.json` files; what they lack is ours. */
export interface ReplayResult {
  readonly note: string;
  readonly books: Readonly<Record<string, ReplayBook>>;
  readonly trades: Readonly<Record<string, { readonly count: number; readonly quantity: string }>>;
  /** Books that nobody should use, and why. */
  readonly untrusted: Readonly<Record<string, string>>;
  readonly counts: Readonly<Record<string, number>>;
}

/** Feeds one recording through a venue's own reading and book keeping. */
export interface StreamReplayer {
  feed(line: {
    readonly number: number;
    readonly channel: 'http' | 'ws';
    readonly dir: string;
    readonly url: string;
    readonly raw: string;
  }): void;
  /** Notes the books as they stand after this line; of one symbol, or of all. */
  mark(line: number, symbol: string | null): void;
  result(): ReplayResult;
}
