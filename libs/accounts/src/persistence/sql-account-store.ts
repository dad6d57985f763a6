import { Inject, Injectable } from '@nestjs/common';
import { AuditTrail } from '#libs/audit';
import { Database } from '#libs/database';
import type { VenueCredentials } from '#libs/exchanges/contract';
import { Clock, timeText } from '#libs/kernel';
import { Vault } from '#libs/vault';
import { AccountStore } from '../application/account.js';
import type { Account } from '../application/account.js';

interface AccountRow {
  readonly name: string;
  readonly venue: string;
  readonly environment: 'sandbox' | 'live';
  readonly created_at: Date;
  readonly version: number | null;
}

const SELECT = `
  SELECT a.name, a.venue, a.environment, a.created_at, (SELECT max(version) FROM account_credentials c WHERE c.account = a.name) AS version
  FROM accounts a`;

/** Accounts in Postgres, their credentials sealed by the vault before they get there. */
@Injectable()
export class SqlAccountStore extends AccountStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    super();
  }

  async all(): Promise<readonly Account[]> {
    const { rows } = await this.database.query<AccountRow>('accounts.all', `${SELECT} ORDER BY a.name`);
    return rows.map(accountFrom);
  }

  async find(name: string): Promise<Account | null> {
    const { rows } = await this.database.query<AccountRow>('accounts.find', `${SELECT} WHERE a.name = $1`, [name]);
    return rows[0] === undefined ? null : accountFrom(rows[0]);
  }

  save(account: Pick<Account, 'name' | 'venue' | 'environment'>, credentials: VenueCredentials, actor: string): Promise<number> {
    const { name, venue, environment } = account;
    const now = timeText(this.clock.nowMs());
    return this.database.transaction(async (tx) => {
      const made = await tx.query(
        'accounts.insert',
        'INSERT INTO accounts (name, venue, environment, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
        [name, venue, environment, now],
      );
      // Locked, so that two writers do not take one version.
      await tx.query('accounts.lock', 'SELECT 1 FROM accounts WHERE name = $1 FOR UPDATE', [name]);
      const { rows } = await tx.query<{ next: number }>(
        'credentials.next',
        'SELECT coalesce(max(version), 0) + 1 AS next FROM account_credentials WHERE account = $1',
        [name],
      );
      const version = rows[0]!.next;
      const sealed = this.vault.seal(JSON.stringify(credentials), contextOf(name, version));
      await tx.query(
        'credentials.insert',
        'INSERT INTO account_credentials (account, version, ciphertext, created_at) VALUES ($1, $2, $3, $4)',
        [name, version, sealed, now],
      );
      const subject = { kind: 'account', id: name };
      if (made.rowCount > 0)
        await this.audit.record([{ type: 'account.created', actor, account: name, subject, data: { venue, environment } }], tx);
      await this.audit.record([{ type: 'credentials.added', actor, account: name, subject, data: { version } }], tx);
      return version;
    });
  }

  async credentials(name: string): Promise<VenueCredentials | null> {
    const { rows } = await this.database.query<{ version: number; ciphertext: Buffer }>(
      'credentials.newest',
      'SELECT version, ciphertext FROM account_credentials WHERE account = $1 ORDER BY version DESC LIMIT 1',
      [name],
    );
    const newest = rows[0];
    if (newest === undefined) return null;
    return JSON.parse(this.vault.open(newest.ciphertext, contextOf(name, newest.version))) as VenueCredentials;
  }
}

function contextOf(account: string, version: number): string {
  return `account-credentials:${account}:${version}`;
}

function accountFrom(row: AccountRow): Account {
  return {
    name: row.name,
    venue: row.venue,
    environment: row.environment,
    createdAtMs: row.created_at.getTime(),
    credentialsVersion: row.version,
  };
}
