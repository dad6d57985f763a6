/** Every bound of the market streams. The venue's own are those of `web-socket-streams.md`, read 2026-11-22. */
export interface MarketStreamLimits {
  /** Streams on one connection; the venue allows 1024. More streams open further connections. */
  readonly streamsPerConnectionMax: number;
  /** Control messages a second. The venue closes at more than 5, and counts our pings and pongs too. */
  readonly controlsPerSecondMax: number;
  /** Streams named in one SUBSCRIBE, and the length of that message in characters. */
  readonly streamsPerControlMax: number;
  readonly controlCharactersMax: number;
  /** An unanswered control message means that the connection is dead, ms. */
  readonly controlTimeoutMs: number;
  /** A connection without any message for so long is asked for a sign of life, ms. */
  readonly probeAfterMs: number;
  /** A new connection takes over after this time, ms: the venue cuts at 24 h. A tenth is taken off at random. */
  readonly rollAfterMs: number;
  /** Without an event or an audit for so long a book is `stale`, ms. */
  readonly staleAfterMs: number;
  /** A book in which nothing moved for so long is compared with the REST book, ms. */
  readonly quietAuditAfterMs: number;
  /** Every book is compared with the REST book this often, ms. */
  readonly auditEveryMs: number;
  /** How long the stream may lag behind the REST book during an audit before it counts as frozen, ms. */
  readonly auditPatienceMs: number;
  /** Levels of each side asked for when a book is built: weight 50 at 1000, 250 at 5000. */
  readonly snapshotDepth: number;
  /** Levels of each side asked for in an audit: weight 5. */
  readonly auditDepth: number;
  readonly snapshotsAtOnceMax: number;
  readonly snapshotsPerMinuteMax: number;
  /** Wait after a first failed snapshot, and the longest one, ms. */
  readonly snapshotRetryFirstMs: number;
  readonly snapshotRetryMaxMs: number;
  /** How long to wait for a first event before asking for a snapshot, ms: a snapshot older than it is of no use. */
  readonly firstEventWaitMs: number;
  /** So many events in a row that are older than the book mean that the venue's ids went back. */
  readonly oldEventsMax: number;
  /** A book that nobody asked for is given up after this time, ms. */
  readonly idleAfterMs: number;
  /** How many books may be kept. */
  readonly booksMax: number;
  /** How often due work is looked for, ms. */
  readonly tickMs: number;
}

export const MARKET_STREAM_LIMITS: MarketStreamLimits = {
  streamsPerConnectionMax: 200,
  controlsPerSecondMax: 3,
  streamsPerControlMax: 100,
  controlCharactersMax: 3_500,
  controlTimeoutMs: 5_000,
  probeAfterMs: 10_000,
  rollAfterMs: 23.5 * 3_600_000,
  staleAfterMs: 180_000,
  quietAuditAfterMs: 60_000,
  auditEveryMs: 300_000,
  auditPatienceMs: 3_000,
  snapshotDepth: 1_000,
  auditDepth: 100,
  snapshotsAtOnceMax: 2,
  snapshotsPerMinuteMax: 40,
  snapshotRetryFirstMs: 500,
  snapshotRetryMaxMs: 30_000,
  firstEventWaitMs: 300,
  oldEventsMax: 100,
  idleAfterMs: 15 * 60_000,
  booksMax: 500,
  tickMs: 100,
};
