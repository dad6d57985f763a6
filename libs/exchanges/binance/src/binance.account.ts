import { hash } from 'node:crypto';
import { invariant, isUuid, type Clock } from '#libs/kernel';
import type { Balance, VenueOrderReport } from '#libs/model';
import {
  ExchangeAccount,
  VenueError,
  type AccountEvent,
  type CommandAnswer,
  type FillPage,
  type FillQuery,
  type OrderReference,
  type PlaceCommand,
  type PreparedCommand,
  type SendOptions,
  type Subscription,
  type VenueCommand,
} from '#libs/exchanges/contract';
import type { AdapterLogger, BudgetWindow, CallPriority, ClockOffset, SessionPorts } from '#libs/exchanges/transport';
import { Budget } from '#libs/exchanges/transport';
import type { SymbolTable } from './domain/symbol.js';
import { priorityOf, weightOf } from './rest/command-cost.js';
import { WEIGHTS } from './domain/weights.js';
import type { BinanceApi, Signature } from './rest/binance-api.js';
import { parseCancelReplace, type CancelReplaceAnswer } from './rest/cancel-replace.js';
import { asVenueError, notSent } from './rest/errors.js';
import {
  parseAmended,
  parseBalances,
  parseCommissionRates,
  parseFills,
  parseOrder,
  parseOrders,
  type CommissionRates,
} from './rest/parse.js';
import {
  amendForm,
  cancelQuery,
  cancelReplaceForm,
  orderQuery,
  placeForm,
  tradesQuery,
  type CancelReplaceMode,
  type PlaceExtras,
} from './rest/requests.js';
import { allPages, clamp, idAfterLast } from './rest/paging.js';
import { PreparedBinanceCommand, type HttpMethod } from './rest/prepared.js';
import type { Signer } from './rest/sign.js';
import { BinanceUserStream } from './stream/user-stream.js';

export interface BinanceAccountOptions {
  readonly name: string;
  readonly apiKey: string;
  readonly signer: Signer;
  readonly api: BinanceApi;
  readonly clock: Clock;
  readonly offset: ClockOffset;
  readonly symbols: SymbolTable;
  readonly recvWindowMs: number;
  readonly wsApiUrl: string;
  readonly logger: AdapterLogger;
  readonly session?: SessionPorts;
  readonly onClose?: (account: BinanceAccount) => void;
}

const PAGE_MAX = 1_000;

/** One account at Binance spot. */
export class BinanceAccount extends ExchangeAccount {
  readonly name: string;
  private readonly signature: Signature;
  private readonly orders = new Budget();
  private readonly queryHeaders: string[];
  private readonly formHeaders: string[];
  private readonly streams = new Set<BinanceUserStream>();

  constructor(private readonly options: BinanceAccountOptions) {
    super();
    this.name = options.name;
    this.signature = { apiKey: options.apiKey, signer: options.signer, recvWindowMs: options.recvWindowMs, orders: this.orders };
    this.queryHeaders = ['X-MBX-APIKEY', options.apiKey];
    this.formHeaders = ['X-MBX-APIKEY', options.apiKey, 'Content-Type', 'application/x-www-form-urlencoded'];
  }

  /** A UUID has 36 characters of Binance's alphabet: it goes as it is. */
  venueClientId(uuid: string): string {
    return uuid;
  }

  uuidOf(venueClientId: string): string | null {
    return isUuid(venueClientId) ? venueClientId : null;
  }

  /** @throws VenueError `unsupported-by-venue`, `invalid-symbol`, `invalid-request`, `venue-unavailable`; all `not-sent`. */
  prepare(command: VenueCommand, extras: PlaceExtras = {}): PreparedCommand {
    const venueSymbol = this.venueSymbol(command.symbol);
    switch (command.kind) {
      case 'place':
        return this.pin(command, 'POST', '/api/v3/order', placeForm(command, venueSymbol, extras));
      case 'cancel':
        return this.pin(command, 'DELETE', '/api/v3/order', cancelQuery(command, venueSymbol));
      case 'amend':
        return this.pin(command, 'PUT', '/api/v3/order/amend/keepPriority', amendForm(command, venueSymbol));
    }
  }

  reserve(prepared: PreparedCommand): void {
    invariant(
      prepared instanceof PreparedBinanceCommand && prepared.owner === this,
      'a command is reserved by the account that prepared it',
    );
    prepared.reserved ??= this.options.api.reserve(this.signature, priorityOf(prepared.kind), weightOf(prepared.kind));
  }

  release(prepared: PreparedCommand): void {
    if (!(prepared instanceof PreparedBinanceCommand) || prepared.reserved === null || prepared.sent) return;
    this.options.api.release(this.signature, prepared.reserved);
    prepared.reserved = null;
  }

  async send(prepared: PreparedCommand, options: SendOptions): Promise<CommandAnswer> {
    invariant(prepared instanceof PreparedBinanceCommand && prepared.owner === this, 'a command is sent by the account that prepared it');
    invariant(!prepared.sent, 'a prepared command is sent at most once');
    prepared.sent = true;
    const answer = await this.command(prepared, options.deadlineMs, priorityOf(prepared.kind));
    const parse = prepared.kind === 'amend' ? parseAmended : parseOrder;
    return this.parsed('command', () => parse(answer, this.toSymbol));
  }

  /**
   * Cancels one order and places another in one request, not atomically. One attempt.
   * @throws VenueError only where neither half is known to have been decided by the venue.
   */
  async cancelReplace(
    cancel: { readonly venueClientId: string; readonly venueOrderId: string | null },
    place: PlaceCommand,
    mode: CancelReplaceMode,
    options: SendOptions,
  ): Promise<CancelReplaceAnswer> {
    const form = cancelReplaceForm(cancel, place, this.venueSymbol(place.symbol), mode);
    const prepared = this.pin(place, 'POST', '/api/v3/order/cancelReplace', form);
    const answer = await this.command(prepared, options.deadlineMs, 'submit', true);
    return this.parsed('command', () => parseCancelReplace(answer, this.toSymbol));
  }

  /** Cancels everything open in one market. One attempt. An empty list where nothing was open. @throws VenueError */
  async cancelAll(symbol: string, options: SendOptions): Promise<readonly VenueOrderReport[]> {
    const query = `symbol=${encodeURIComponent(this.venueSymbol(symbol))}`;
    const prepared = this.pin({ kind: 'cancel', symbol }, 'DELETE', '/api/v3/openOrders', query);
    try {
      const answer = await this.command(prepared, options.deadlineMs, 'cancel');
      return this.parsed('command', () => parseOrders(answer, this.toSymbol));
    } catch (error) {
      if (error instanceof VenueError && error.code === 'order-not-found' && error.outcome === 'refused') return [];
      throw error;
    }
  }

  /** Lets Binance check an order without placing it; answers the fee rates that it would pay. @throws VenueError */
  async preview(command: PlaceCommand, options: SendOptions): Promise<CommissionRates | null> {
    const form = `${placeForm(command, this.venueSymbol(command.symbol))}&computeCommissionRates=true`;
    const prepared = this.pin(command, 'POST', '/api/v3/order/test', form);
    const answer = await this.command(prepared, options.deadlineMs, 'query', false, WEIGHTS.orderTestWithCommission);
    return this.parsed('command', () => parseCommissionRates(answer));
  }

  async queryOrder(reference: OrderReference): Promise<VenueOrderReport | null> {
    const query = orderQuery(reference, this.venueSymbol(reference.symbol));
    try {
      const answer = await this.get('/api/v3/order', query, WEIGHTS.orderQuery);
      return this.parsed('read', () => parseOrder(answer, this.toSymbol));
    } catch (error) {
      if (error instanceof VenueError && error.venueCode === '-2013') return null;
      throw error;
    }
  }

  async openOrders(symbol: string | null): Promise<readonly VenueOrderReport[]> {
    const query = symbol === null ? '' : `symbol=${encodeURIComponent(this.venueSymbol(symbol))}`;
    const answer = await this.get('/api/v3/openOrders', query, symbol === null ? WEIGHTS.openOrdersOfAll : WEIGHTS.openOrdersOfSymbol);
    return this.parsed('read', () => parseOrders(answer, this.toSymbol));
  }

  /** All orders of a market, oldest first: from an id, from a time, or the newest. At most 1,000. @throws VenueError */
  async allOrders(
    symbol: string,
    from: { readonly venueOrderId?: string | null; readonly sinceMs?: number | null; readonly limit?: number } = {},
  ): Promise<readonly VenueOrderReport[]> {
    let query = `symbol=${encodeURIComponent(this.venueSymbol(symbol))}&limit=${clamp(from.limit ?? 500, 1_000)}`;
    if (from.venueOrderId != null) query += `&orderId=${encodeURIComponent(from.venueOrderId)}`;
    else if (from.sinceMs != null) query += `&startTime=${Math.floor(from.sinceMs)}`;
    const answer = await this.get('/api/v3/allOrders', query, WEIGHTS.allOrders);
    return this.parsed('read', () => parseOrders(answer, this.toSymbol));
  }

  recentOrders(symbol: string, sinceMs: number): Promise<readonly VenueOrderReport[]> {
    const page = (venueOrderId: string | null): Promise<readonly VenueOrderReport[]> =>
      this.allOrders(symbol, venueOrderId === null ? { sinceMs, limit: PAGE_MAX } : { venueOrderId, limit: PAGE_MAX });
    return allPages(page, PAGE_MAX);
  }

  async fills(query: FillQuery): Promise<FillPage> {
    const limit = clamp(query.limit ?? PAGE_MAX, PAGE_MAX);
    const ofOrder = query.venueOrderId != null;
    const text = tradesQuery(query, this.venueSymbol(query.symbol), limit);
    const answer = await this.get('/api/v3/myTrades', text, ofOrder ? WEIGHTS.myTradesOfOrder : WEIGHTS.myTrades);
    const rows = this.parsed('read', () => parseFills(answer, this.toSymbol));
    const sinceMs = query.sinceMs ?? null;
    return {
      fills: sinceMs === null ? rows : rows.filter((fill) => fill.venueTimeMs >= sinceMs),
      nextFromTradeId: rows.length < limit ? null : idAfterLast(rows),
    };
  }

  async balances(): Promise<readonly Balance[]> {
    const answer = await this.get('/api/v3/account', 'omitZeroBalances=true', WEIGHTS.account);
    return this.parsed('read', () => parseBalances(answer));
  }

  subscribe(listener: (event: AccountEvent) => void): Subscription {
    const { wsApiUrl, clock, api, logger, signer, apiKey, recvWindowMs, session } = this.options;
    const stream = new BinanceUserStream({
      url: wsApiUrl,
      clock,
      logger,
      apiKey,
      signer,
      recvWindowMs,
      session,
      listener,
      account: this.name,
      toSymbol: this.toSymbol,
      timestampMs: () => api.timestampMs(),
      syncClock: () => api.syncClock(),
      silentForMs: () => api.silentForMs(),
      onSilence: (untilMs, banned) => api.silence(untilMs, banned),
    });
    this.streams.add(stream);
    stream.start();
    return {
      close: async () => {
        this.streams.delete(stream);
        await stream.close();
      },
    };
  }

  /** The venue's limits of orders per account, as they were last read. */
  setOrderLimits(windows: readonly BudgetWindow[]): void {
    this.orders.setWindows(windows);
  }

  status(nowMs: number): { readonly streams: ReturnType<BinanceUserStream['status']>[]; readonly budgets: ReturnType<Budget['usage']> } {
    const budgets = this.orders.usage(nowMs).map((usage) => ({ ...usage, name: `${this.name} ${usage.name}` }));
    return { streams: [...this.streams].map((stream) => stream.status()), budgets };
  }

  async close(): Promise<void> {
    this.options.onClose?.(this);
    const streams = [...this.streams];
    this.streams.clear();
    await Promise.all(streams.map((stream) => stream.close()));
  }

  private readonly toSymbol = (venueSymbol: string): string => this.options.symbols.unified(venueSymbol);

  private venueSymbol(symbol: string): string {
    const instrument = this.options.symbols.instrument(symbol);
    if (instrument !== undefined) return instrument.venueSymbol;
    if (this.options.symbols.all().length === 0) throw notSent('venue-unavailable', 'the markets are not loaded yet');
    throw notSent('invalid-symbol', 'no such market');
  }

  private pin(command: Pick<VenueCommand, 'kind' | 'symbol'>, method: HttpMethod, path: string, form: string): PreparedBinanceCommand {
    const { api, offset, clock, recvWindowMs } = this.options;
    // Without the venue's clock nobody can say until when it would accept this.
    if (offset.offsetMs === null) throw notSent('venue-unavailable', "the venue's clock is not known yet");
    const nowMs = clock.monotonicMs();
    const timestampMs = api.timestampMs();
    const signed = api.sign(this.signature, form, timestampMs);
    const inQuery = method === 'DELETE';
    const target = inQuery ? `${path}?${signed}` : path;
    const body = inQuery ? null : signed;
    const validForMs = Math.ceil(offset.monotonicAtMost(timestampMs + recvWindowMs) - nowMs);
    const notAfterMs = clock.nowMs() + validForMs;
    const writeBeforeMs = timestampMs + recvWindowMs - offset.offsetMs - offset.errorMs;
    const digest = hash('sha256', `${method} ${target}\n${body ?? ''}`, 'hex');
    return new PreparedBinanceCommand(
      this,
      command.kind,
      command.symbol,
      timestampMs,
      notAfterMs,
      validForMs,
      writeBeforeMs,
      digest,
      method,
      target,
      body,
    );
  }

  private command(
    prepared: PreparedBinanceCommand,
    deadlineMs: number,
    priority: CallPriority,
    halves = false,
    weight: number = weightOf(prepared.kind),
  ): Promise<unknown> {
    const writeWithinMs = prepared.writeBeforeMs - this.options.clock.monotonicMs();
    const { reserved } = prepared;
    if (writeWithinMs <= 0) {
      if (reserved !== null) this.options.api.release(this.signature, reserved);
      return Promise.reject(notSent('clock-skew', 'its time to be sent is over'));
    }
    const headers = prepared.body === null ? this.queryHeaders : this.formHeaders;
    const { method, path, body } = prepared;
    return this.options.api.command(this.signature, headers, {
      method,
      path,
      body,
      priority,
      weight,
      deadlineMs,
      writeWithinMs,
      reserved,
      halves,
    });
  }

  private get(path: string, query: string, weight: number): Promise<unknown> {
    return this.options.api.signedGet(this.signature, path, query, weight);
  }

  private parsed<T>(kind: 'command' | 'read', parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      throw asVenueError(kind, error);
    }
  }
}
