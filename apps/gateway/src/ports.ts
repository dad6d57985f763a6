import { AccountStatus } from '#libs/accounts';
import type { AccountSessions } from '#libs/orders';
import { OrderLog, OrderSettings } from '#libs/orders';
import type { Settings } from '#libs/settings';

type Fields = Readonly<Record<string, unknown>>;

interface LineLogger {
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
  debug(fields: Fields, message: string): void;
}

/** The process's logger as the order engine and the venue adapters want it: message first. */
export class VenueLog extends OrderLog {
  constructor(private readonly logger: LineLogger) {
    super();
  }

  debug(message: string, fields: Fields = {}): void {
    this.logger.debug(fields, message);
  }

  info(message: string, fields: Fields = {}): void {
    this.logger.info(fields, message);
  }

  warn(message: string, fields: Fields = {}): void {
    this.logger.warn(fields, message);
  }

  error(message: string, fields: Fields = {}): void {
    this.logger.error(fields, message);
  }
}

const JOURNAL_BACKLOG_MAX = 50_000;
const FLUSH_TIMEOUT_MS = 2_000;
const SWEEP_INTERVAL_MS = 30_000;

/** The order engine's settings out of the process's. */
export class ConfiguredOrderSettings extends OrderSettings {
  readonly ackTimeoutMs: number;
  readonly journalMaxBatch: number;
  readonly journalMaxWaiting: number;
  readonly journalBacklogMax = JOURNAL_BACKLOG_MAX;
  readonly flushTimeoutMs = FLUSH_TIMEOUT_MS;
  readonly resolveDelayMs: number;
  readonly resolveDelayMaxMs: number;
  readonly alarmAfterMs: number;
  readonly sweepIntervalMs = SWEEP_INTERVAL_MS;

  constructor({ orders }: Settings) {
    super();
    this.ackTimeoutMs = orders.ackTimeoutMs;
    this.journalMaxBatch = orders.journalMaxBatch;
    this.journalMaxWaiting = orders.journalMaxWaiting;
    this.resolveDelayMs = orders.resolver.firstDelayMs;
    this.resolveDelayMaxMs = orders.resolver.maxDelayMs;
    this.alarmAfterMs = orders.resolver.alarmAfterMs;
  }
}

/** Tells the accounts how their private streams stand. */
export class SessionAccountStatus extends AccountStatus {
  constructor(private readonly sessions: AccountSessions) {
    super();
  }

  stream(account: string): 'none' | 'joining' | 'live' | 'lost' {
    return this.sessions.get(account)?.stream ?? 'none';
  }
}
