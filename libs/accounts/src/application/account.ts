import type { VenueCredentials } from '#libs/exchanges/contract';

/** An account at a venue, by our name for it. */
export interface Account {
  readonly name: string;
  readonly venue: string;
  readonly environment: 'sandbox' | 'live';
  readonly createdAtMs: number;
  /** Version of the newest credentials; `null` where it has none. */
  readonly credentialsVersion: number | null;
}

/** Accounts and their credentials. The credentials come out for the venue adapters only. */
export abstract class AccountStore {
  abstract all(): Promise<readonly Account[]>;
  abstract find(name: string): Promise<Account | null>;
  /** Makes the account where it is missing and adds credentials as its newest version. @returns that version. */
  abstract save(account: Pick<Account, 'name' | 'venue' | 'environment'>, credentials: VenueCredentials, actor: string): Promise<number>;
  /** The newest credentials; `null` where there are none. @throws VaultError when they cannot be opened. */
  abstract credentials(name: string): Promise<VenueCredentials | null>;
}
