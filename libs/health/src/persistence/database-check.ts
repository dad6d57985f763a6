import { Inject, Injectable } from '@nestjs/common';
import { Database, isDatabaseGone, loadMigrations, sqlState } from '#libs/database';
import { DatabaseCheck } from '../database-probe.js';

const NO_SUCH_TABLE = '42P01';

/** The real database: its pool answers, and has seen every migration that this build brings. */
@Injectable()
export class SqlDatabaseCheck extends DatabaseCheck {
  private expected: readonly string[] | null = null;

  constructor(@Inject(Database) private readonly database: Database) {
    super();
  }

  ping(): Promise<void> {
    return this.database.ping();
  }

  isGone(error: unknown): boolean {
    return isDatabaseGone(error);
  }

  /** Migrations that only the database knows are no fault: a newer build has run them, and they are made to be compatible. */
  async pendingMigrations(): Promise<readonly string[]> {
    this.expected ??= (await loadMigrations()).map((Migration) => new Migration().name ?? Migration.name);
    const applied = new Set(await this.appliedMigrations());
    return this.expected.filter((name) => !applied.has(name));
  }

  private async appliedMigrations(): Promise<readonly string[]> {
    try {
      const { rows } = await this.database.query<{ name: string }>('health.migrations', 'SELECT name FROM schema_migrations');
      return rows.map(({ name }) => name);
    } catch (error) {
      if (sqlState(error) === NO_SUCH_TABLE) return [];
      throw error;
    }
  }
}
