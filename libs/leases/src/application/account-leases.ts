/** The right to send commands for one account. Whoever holds the highest token ever given holds it; the database refuses all others. */
export interface Lease {
  readonly account: string;
  /** The fencing token: rises by one with each takeover, and stands in every permit. */
  readonly token: number;
}

/** Who holds an account, as far as this replica has seen. */
export interface LeaseHolder {
  readonly owner: string;
  /** Where the holder takes requests from other replicas; `null` where it does not say. */
  readonly url: string | null;
  readonly isOurs: boolean;
}

export type LeaseListener = (account: string, change: 'gained' | 'lost') => void;

/** Which accounts this replica may send for. One replica holds an account at a time; the others wait to take over. */
export abstract class AccountLeases {
  /** The lease while our own monotonic clock says that it is certainly ours, else `null`. Asked before every send: costs no I/O. */
  abstract current(account: string): Lease | null;
  abstract holder(account: string): LeaseHolder | null;
  /** Begins to want the account: takes it when it is free, keeps it, and takes it again after it was lost. Safe to call twice. */
  abstract want(account: string, venue: string): void;
  /** `gained` before the first permit is possible, `lost` as soon as none is: also when only our own clock says so. */
  abstract onChange(listener: LeaseListener): void;
  /** Gives everything back, so that another replica takes over at once. Nothing is wanted afterwards. */
  abstract releaseAll(): Promise<void>;
}
