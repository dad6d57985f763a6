import type { LimitsMode } from '../../server/world.js';
import { BinanceRefusal } from './refusal.js';

const MINUTE_MS = 60_000;
const RAW_WINDOW_MS = 300_000;
const TEN_SECONDS_MS = 10_000;
const DAY_MS = 86_400_000;
const UNLIMITED = 1_000_000_000;
/** Requests that may still come while limited before the address is banned. Binance publishes no number. */
const REFUSALS_BEFORE_BAN = 10;
const BAN_MS_FIRST = 120_000;
const BAN_MS_MAX = 3 * DAY_MS;

interface Limits {
  readonly weight: number;
  readonly raw: number;
  readonly ordersTenSeconds: number;
  readonly ordersDay: number;
  readonly connections: number;
}

const VENUE_LIMITS: Limits = { weight: 6_000, raw: 300_000, ordersTenSeconds: 100, ordersDay: 200_000, connections: 300 };
const NO_LIMITS: Limits = { weight: UNLIMITED, raw: UNLIMITED, ordersTenSeconds: UNLIMITED, ordersDay: UNLIMITED, connections: UNLIMITED };

/** A counter of one clock-aligned window: it starts again at each multiple of its length since 1970 UTC. */
class AlignedWindow {
  private startMs = Number.NaN;
  private value = 0;

  constructor(private readonly lengthMs: number) {}

  used(nowMs: number): number {
    const elapsedMs = nowMs - this.startMs;
    if (elapsedMs >= 0 && elapsedMs < this.lengthMs) return this.value;
    this.startMs = nowMs - (nowMs % this.lengthMs);
    this.value = 0;
    return this.value;
  }

  add(amount: number, nowMs: number): number {
    this.value = Math.max(0, this.used(nowMs) + amount);
    return this.value;
  }

  msLeft(nowMs: number): number {
    return this.lengthMs - (nowMs % this.lengthMs);
  }
}

interface AddressState {
  readonly weight: AlignedWindow;
  readonly raw: AlignedWindow;
  readonly connections: AlignedWindow;
  refusals: number;
  /** The minute in which the refusals were counted: who waits for the next one starts afresh. */
  refusalMinute: number;
  bannedUntilMs: number;
  bans: number;
}

interface AccountState {
  readonly tenSeconds: AlignedWindow;
  readonly day: AlignedWindow;
}

/** Told about every broken limit: which one, and the status that was answered. */
export type ViolationListener = (limit: string, status: number) => void;

/** Binance's budgets: request weight and raw requests per address, orders per account, bans. Times are the venue's clock, ms. */
export class RateLimits {
  readonly limits: Limits;
  private readonly addresses = new Map<string, AddressState>();
  private readonly accounts = new Map<string, AccountState>();

  /** `onBan` hears which address was banned, so that its sockets can be cut. */
  constructor(
    mode: LimitsMode,
    private readonly onBan: (ip: string) => void,
  ) {
    this.limits = mode === 'unlimited' ? NO_LIMITS : VENUE_LIMITS;
  }

  /**
   * Counts one request with its weight.
   * @throws BinanceRefusal 429 or 418 with -1003; the listener hears of it first.
   */
  admit(ip: string, weight: number, nowMs: number, onViolation: ViolationListener): void {
    const state = this.address(ip);
    if (state.bannedUntilMs > nowMs) {
      onViolation('banned', 418);
      throw banned(state.bannedUntilMs, nowMs);
    }
    if (state.raw.add(1, nowMs) > this.limits.raw) throw this.refuse(ip, state.raw, 'raw-requests', nowMs, onViolation);
    if (state.weight.add(weight, nowMs) > this.limits.weight && weight > 0) {
      throw this.refuse(ip, state.weight, 'weight', nowMs, onViolation);
    }
  }

  /** Adds weight after the fact: order calls cost something only when they fail. */
  charge(ip: string, weight: number, nowMs: number): void {
    this.address(ip).weight.add(weight, nowMs);
  }

  /** @throws BinanceRefusal when there were too many connections from the address. */
  connect(ip: string, nowMs: number, onViolation: ViolationListener): void {
    const state = this.address(ip);
    if (state.bannedUntilMs > nowMs) {
      onViolation('banned', 418);
      throw banned(state.bannedUntilMs, nowMs);
    }
    if (state.connections.add(1, nowMs) > this.limits.connections) {
      throw this.refuse(ip, state.connections, 'connections', nowMs, onViolation);
    }
  }

  /** @throws BinanceRefusal 429 -1015 when the account may not place another order now. */
  requireOrderSlot(account: string, nowMs: number, onViolation: ViolationListener): void {
    const { tenSeconds, day } = this.account(account);
    this.requireRoom(tenSeconds, this.limits.ordersTenSeconds, '10 SECOND', nowMs, onViolation);
    this.requireRoom(day, this.limits.ordersDay, '1 DAY', nowMs, onViolation);
  }

  /** `amount` orders more; negative gives back, never below zero. */
  countOrders(account: string, amount: number, nowMs: number): void {
    const { tenSeconds, day } = this.account(account);
    tenSeconds.add(amount, nowMs);
    day.add(amount, nowMs);
  }

  weightUsed(ip: string, nowMs: number): number {
    return this.address(ip).weight.used(nowMs);
  }

  ordersUsed(account: string, nowMs: number): { readonly tenSeconds: number; readonly day: number } {
    const { tenSeconds, day } = this.account(account);
    return { tenSeconds: tenSeconds.used(nowMs), day: day.used(nowMs) };
  }

  private requireRoom(window: AlignedWindow, limit: number, text: string, nowMs: number, onViolation: ViolationListener): void {
    if (window.used(nowMs) < limit) return;
    onViolation('orders', 429);
    throw new BinanceRefusal(-1015, `Too many new orders; current limit is ${limit} orders per ${text}.`, 429, null, window.msLeft(nowMs));
  }

  private refuse(ip: string, window: AlignedWindow, limit: string, nowMs: number, onViolation: ViolationListener): BinanceRefusal {
    const state = this.address(ip);
    const minute = Math.floor(nowMs / MINUTE_MS);
    state.refusals = minute === state.refusalMinute ? state.refusals + 1 : 1;
    state.refusalMinute = minute;
    if (state.refusals > REFUSALS_BEFORE_BAN) {
      state.refusals = 0;
      state.bannedUntilMs = nowMs + Math.min(BAN_MS_FIRST * 2 ** state.bans, BAN_MS_MAX);
      state.bans += 1;
      onViolation(limit, 418);
      this.onBan(ip);
      return banned(state.bannedUntilMs, nowMs);
    }
    onViolation(limit, 429);
    const message =
      limit === 'weight'
        ? `Too much request weight used; current limit is ${this.limits.weight} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`
        : 'Too many requests; please use the websocket for live updates to avoid bans.';
    return new BinanceRefusal(-1003, message, 429, null, window.msLeft(nowMs));
  }

  private address(ip: string): AddressState {
    let state = this.addresses.get(ip);
    if (state === undefined) {
      state = {
        weight: new AlignedWindow(MINUTE_MS),
        raw: new AlignedWindow(RAW_WINDOW_MS),
        connections: new AlignedWindow(RAW_WINDOW_MS),
        refusals: 0,
        refusalMinute: 0,
        bannedUntilMs: 0,
        bans: 0,
      };
      this.addresses.set(ip, state);
    }
    return state;
  }

  private account(name: string): AccountState {
    let state = this.accounts.get(name);
    if (state === undefined) {
      state = { tenSeconds: new AlignedWindow(TEN_SECONDS_MS), day: new AlignedWindow(DAY_MS) };
      this.accounts.set(name, state);
    }
    return state;
  }
}

/** HTTP 418 with the time at which the ban ends. */
export function banned(untilMs: number, nowMs: number): BinanceRefusal {
  const message = `Way too much request weight used; IP banned until ${untilMs}. Please use WebSocket Streams for live updates to avoid bans.`;
  return new BinanceRefusal(-1003, message, 418, null, untilMs - nowMs);
}
