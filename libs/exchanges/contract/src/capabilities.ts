import type { OrderType, TimeInForce } from '#libs/model';

/** What a venue can do and how its promises are made: facts about the venue, tested, never guessed at run time. */
export interface VenueCapabilities {
  readonly orderTypes: readonly OrderType[];
  readonly timesInForce: readonly TimeInForce[];
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly quoteQuantityMarket: boolean;
  /** `decrease-quantity`: in place, priority kept, downwards only. */
  readonly amend: 'none' | 'decrease-quantity' | 'full';
  readonly cancelReplace: boolean;
  readonly cancelAll: 'none' | 'by-symbol' | 'by-account';
  /** For how long a client id stays taken at the venue: never a reason to send again. */
  readonly clientIdUnique: 'among-open' | 'for-ever';
  readonly clientIdPattern: RegExp;
  /** How the venue itself refuses a request that arrives late. */
  readonly deadline: 'recv-window' | 'deadline' | 'expiry-header' | 'none';
  /** After `notAfter`, for how long the venue may still be working on a request. */
  readonly engineTimeMs: number;
  /** For how long a read may lag behind the engine. */
  readonly visibilityLagMs: number;
}
