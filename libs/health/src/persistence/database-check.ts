import { Inject, Injectable } from '@nestjs/common';
import { Database, pendingMigrations } from '#libs/database';
import { DataSource } from 'typeorm';
import { DatabaseCheck } from '../database-probe.js';

/** The real database: its pool answers, and has seen every migration that the data source knows. */
@Injectable()
export class SqlDatabaseCheck extends DatabaseCheck {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(DataSource) private readonly dataSource: DataSource,
  ) {
    super();
  }

  ping(): Promise<void> {
    return this.database.ping();
  }

  pendingMigrations(): Promise<readonly string[]> {
    return pendingMigrations(this.dataSource);
  }
}
