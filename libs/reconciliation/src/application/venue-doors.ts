import type { Exchange, ExchangeAccount } from '#libs/exchanges/contract';
import type { VenueOrderReport } from '#libs/model';

/** What reconciliation asks of an account at its venue: reads, and whether a client id is of our making. */
export interface VenueReads extends Pick<ExchangeAccount, 'uuidOf' | 'openOrders' | 'queryOrder' | 'fills' | 'balances'> {
  /** Orders of a market that the venue has kept, ended ones too; not every venue has it. */
  recentOrders?(symbol: string, sinceMs: number): Promise<readonly VenueOrderReport[]>;
}

/** An account joined to its venue. */
export interface VenueDoor {
  readonly name: string;
  readonly exchange: Pick<Exchange, 'id' | 'capabilities' | 'status' | 'instrument'>;
  readonly venueAccount: VenueReads;
}

/** The accounts of this process and their venues. A port, bound to the engine's sessions. */
export abstract class VenueDoors {
  abstract get(account: string): VenueDoor | undefined;
  abstract all(): readonly VenueDoor[];
  /** To how many decimals the venue cuts the amount of a trade; `null` where it keeps every digit. */
  abstract amountDecimals(venue: string): number | null;
}
