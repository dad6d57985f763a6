import { Injectable } from '@nestjs/common';
import type { ExchangeAccount, Exchange, AccountEvent, Subscription } from '#libs/exchanges/contract';
import { OrderLog } from './order-log.js';

/** One account joined to its venue: the door for commands, and what its private stream tells. */
export interface AccountSession {
  readonly name: string;
  readonly exchange: Exchange;
  readonly venueAccount: ExchangeAccount;
  stream: 'joining' | 'live' | 'lost';
  /** What happened while nobody listened has been asked for. */
  caughtUp: boolean;
  /** Orders, fills and balances agree with the venue since this replica took the account over: new orders may enter. */
  ready: boolean;
  readonly subscription: Subscription | null;
}

export type AccountEventListener = (session: AccountSession, event: AccountEvent) => void;

/** The sessions of this process. Whoever adds an account here makes it tradable. */
@Injectable()
export class AccountSessions {
  private readonly sessions = new Map<string, AccountSession>();
  private readonly listeners: AccountEventListener[] = [];

  constructor(private readonly log: OrderLog) {}

  onEvent(listener: AccountEventListener): void {
    this.listeners.push(listener);
  }

  get(account: string): AccountSession | undefined {
    return this.sessions.get(account);
  }

  all(): readonly AccountSession[] {
    return [...this.sessions.values()];
  }

  /** Joins the account's private stream and stays joined. An account that is here already is left alone. */
  open(name: string, exchange: Exchange, venueAccount: ExchangeAccount): AccountSession {
    const known = this.sessions.get(name);
    if (known !== undefined) return known;
    const session: { -readonly [K in keyof AccountSession]: AccountSession[K] } = {
      name,
      exchange,
      venueAccount,
      stream: 'joining',
      caughtUp: false,
      ready: false,
      subscription: null,
    };
    this.sessions.set(name, session);
    session.subscription = venueAccount.subscribe((event) => this.dispatch(session, event));
    return session;
  }

  /** Leaves the account to whoever holds it now. What is under way ends by itself. */
  async leave(account: string): Promise<void> {
    const session = this.sessions.get(account);
    this.sessions.delete(account);
    await session?.subscription?.close();
  }

  async close(): Promise<void> {
    await Promise.all(this.all().map(async (session) => session.subscription?.close()));
    this.sessions.clear();
  }

  private dispatch(session: AccountSession, event: AccountEvent): void {
    if (event.kind === 'stream') {
      session.stream = event.state;
      this.log.info('account stream changed', {
        account: session.name,
        venue: session.exchange.id,
        state: event.state,
        reason: event.reason,
      });
    }
    if (event.kind === 'unreadable') this.log.error('account stream message unreadable', { account: session.name, reason: event.reason });
    for (const listener of this.listeners) listener(session, event);
  }
}
