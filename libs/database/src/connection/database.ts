import type { QueryResultRow } from 'pg';

/** What a statement gave: its rows, and how many rows it touched. */
export interface Answer<Row> {
  readonly rows: readonly Row[];
  readonly rowCount: number;
}

/** Runs statements. Each is prepared once per connection under its name, so a name always means the same text. */
export interface Statements {
  /**
   * @param name names the prepared statement; unique to this text in the whole program, such as `orders.by-client-id`.
   * @param text SQL with `$1`, `$2`, …; numeric and bigint columns come back as text, timestamptz as `Date`.
   * @throws {pg.DatabaseError} when the server refuses; see `violatedConstraint`, `sqlState`, `isTransient`.
   * @throws {DatabaseUnavailableError} when no answer came; its `outcome` says whether the statement may have taken effect.
   */
  query<Row extends QueryResultRow = QueryResultRow>(name: string, text: string, values?: readonly unknown[]): Promise<Answer<Row>>;
}

/** Hot SQL over a pool of its own. Abstract class: type and injection token in one. */
export abstract class Database implements Statements {
  abstract query<Row extends QueryResultRow = QueryResultRow>(
    name: string,
    text: string,
    values?: readonly unknown[],
  ): Promise<Answer<Row>>;

  /**
   * Runs `work` in one transaction on one connection: commits when it resolves, rolls back when it rejects (and rejects
   * with the same error).
   * @throws {UnknownCommitError} when the verdict on COMMIT did not arrive.
   * @throws {DatabaseUnavailableError} when the connection broke before COMMIT: nothing was committed.
   */
  abstract transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T>;

  /** Resolves when the database answers. @throws {DatabaseUnavailableError} when it does not. */
  abstract ping(): Promise<void>;

  /** Lets running statements finish and closes every connection. Harmless when called twice. */
  abstract end(): Promise<void>;
}

/** As `Database`, for statements that carry many rows each: a small pool of its own, whose plans are made once. */
export abstract class BatchDatabase extends Database {}
