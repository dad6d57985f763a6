const KIB = 1_024;
const MIB = 1_024 * KIB;

/** Everything on the stream that has a limit. Bytes are bytes on the wire, times are ms. */
export interface StreamLimits {
  /** A larger message from a client closes its connection with 1009. */
  readonly messageBytesMax: number;
  /** Messages that a client may send at once, and how many it regains each second; past that it is closed with 1008. */
  readonly messageBurst: number;
  readonly messagesPerSecond: number;
  /** Messages of one client that wait to be answered; past that it is closed with 1008. */
  readonly messagesWaitingMax: number;
  readonly subscriptionsMax: number;
  readonly connectionsMax: number;
  readonly connectionsPerKeyMax: number;
  /** Connections from one address that have not shown a key yet. */
  readonly anonymousPerAddressMax: number;
  readonly authWithinMs: number;
  readonly pingEveryMs: number;
  /** How often each connection's key is looked at again: well below the second within which a revocation has to count. */
  readonly keyCheckEveryMs: number;
  /** Nothing more is handed to a socket that holds so much. */
  readonly socketBytesMax: number;
  /** The same for market data and balances, so that orders and fills always find room. */
  readonly marketSocketBytesMax: number;
  /** A client whose unsent order or fill messages amount to more is closed with 1013. */
  readonly behindBytesMax: number;
  /** Newest messages of an account's channel that are kept ready to send. More than `behindBytesMax`, or clients would fall off it. */
  readonly ringBytesMax: number;
  /** A socket that takes nothing for so long is closed with 1013. */
  readonly stalledAfterMs: number;
  /** Events read at once. */
  readonly pageSize: number;
  /** Pages of a replay that are kept for others who replay the same. */
  readonly pagesKept: number;
  /** Open orders in one snapshot message. */
  readonly snapshotOrdersMax: number;
  /** How often is looked for what other replicas wrote. */
  readonly pollEveryMs: number;
  /** Pause after a fault of the database. */
  readonly retryAfterMs: number;
  /** How long the next page waits, at most, for most clients to take the last one. */
  readonly paceMs: number;
  readonly bookEveryMs: number;
  readonly balancesEveryMs: number;
  readonly tradesEveryMs: number;
  /** Between two questions to a venue for its trades, where they are not streamed or some were missed. */
  readonly tradesAskedEveryMs: number;
  readonly tickerEveryMs: number;
  readonly healthEveryMs: number;
  /** How long a client may take to answer a close: what was on its way before arrives first. */
  readonly closeWithinMs: number;
  /** The same when the process stops. */
  readonly stopWithinMs: number;
}

export const STREAM_LIMITS: StreamLimits = {
  messageBytesMax: 16 * KIB,
  messageBurst: 200,
  messagesPerSecond: 50,
  messagesWaitingMax: 200,
  subscriptionsMax: 200,
  connectionsMax: 2_000,
  connectionsPerKeyMax: 200,
  anonymousPerAddressMax: 50,
  authWithinMs: 5_000,
  pingEveryMs: 20_000,
  keyCheckEveryMs: 250,
  socketBytesMax: 128 * KIB,
  marketSocketBytesMax: 64 * KIB,
  behindBytesMax: MIB,
  ringBytesMax: 1.5 * MIB,
  stalledAfterMs: 15_000,
  pageSize: 128,
  pagesKept: 8,
  snapshotOrdersMax: 500,
  pollEveryMs: 200,
  retryAfterMs: 500,
  paceMs: 1_000,
  bookEveryMs: 100,
  balancesEveryMs: 100,
  tradesEveryMs: 100,
  tradesAskedEveryMs: 2_000,
  tickerEveryMs: 2_000,
  healthEveryMs: 500,
  closeWithinMs: 60_000,
  stopWithinMs: 2_000,
};
