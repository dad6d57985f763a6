import type { LedgerAccount } from './ledger.js';
import type { MarketRules } from './market-rules.js';
import type { SimOrder, SimOrderStatus, SimOrderType, SimStpMode, SimTimeInForce } from './types.js';

/** What an order asks for, in the engine's whole numbers. Zero stands for "none" in prices and iceberg sizes. */
export interface OrderTerms {
  readonly clientOrderId: string;
  readonly isBuy: boolean;
  readonly type: SimOrderType;
  readonly timeInForce: SimTimeInForce | null;
  readonly totalSteps: number;
  readonly hasQuantity: boolean;
  readonly quoteUnits: bigint | null;
  readonly priceTicks: number;
  readonly stopTicks: number;
  readonly icebergSteps: number;
  readonly expiresAtMs: number | null;
  readonly postOnly: boolean;
  readonly stpMode: SimStpMode;
}

/** One order inside the engine, from its acceptance on. `owner` is null for the makers' own. */
export class LiveOrder {
  clientOrderId: string;
  totalSteps: number;
  status: SimOrderStatus = 'new';
  filledSteps = 0;
  preventedSteps = 0;
  filledQuoteUnits = 0n;
  lockedUnits = 0n;
  isWorking = false;
  workingAtMs: number | null = null;
  updatedAtMs: number;
  expiryReason: string | null = null;
  /** The part that the book shows; the rest of an iceberg is hidden. */
  visibleSteps = 0;
  level: PriceLevel | null = null;
  previous: LiveOrder | null = null;
  next: LiveOrder | null = null;
  /** The last snapshot handed out, while it still holds. */
  snapshot: SimOrder | null = null;
  /** The order before this one with the same client order id. */
  olderSameId: LiveOrder | null = null;
  /** Its neighbours among the account's open orders. */
  isChained = false;
  olderOpen: LiveOrder | null = null;
  newerOpen: LiveOrder | null = null;

  constructor(
    readonly orderId: number,
    readonly owner: LedgerAccount | null,
    readonly rules: MarketRules,
    readonly terms: OrderTerms,
    readonly createdAtMs: number,
  ) {
    this.clientOrderId = terms.clientOrderId;
    this.totalSteps = terms.totalSteps;
    this.updatedAtMs = createdAtMs;
  }

  get isBuy(): boolean {
    return this.terms.isBuy;
  }

  get remainingSteps(): number {
    return this.totalSteps - this.filledSteps - this.preventedSteps;
  }

  get isOpen(): boolean {
    return this.status === 'new' || this.status === 'partially-filled';
  }

  /** The asset that the order spends, and so locks. */
  get spentAsset(): string {
    return this.terms.isBuy ? this.rules.quote : this.rules.base;
  }
}

/** All orders at one price, in order of arrival. */
export class PriceLevel {
  head: LiveOrder | null = null;
  tail: LiveOrder | null = null;
  /** What the public sees. */
  visibleSteps = 0;
  /** What the public was told last. */
  announcedSteps = 0;

  constructor(
    readonly ticks: number,
    readonly isBuy: boolean,
  ) {}

  /** Joins at the back of the queue. */
  append(order: LiveOrder): void {
    const iceberg = order.terms.icebergSteps;
    order.visibleSteps = iceberg > 0 ? Math.min(iceberg, order.remainingSteps) : order.remainingSteps;
    this.visibleSteps += order.visibleSteps;
    order.level = this;
    order.previous = this.tail;
    order.next = null;
    if (this.tail === null) this.head = order;
    else this.tail.next = order;
    this.tail = order;
  }

  remove(order: LiveOrder): void {
    if (order.previous === null) this.head = order.next;
    else order.previous.next = order.next;
    if (order.next === null) this.tail = order.previous;
    else order.next.previous = order.previous;
    this.visibleSteps -= order.visibleSteps;
    order.visibleSteps = 0;
    order.level = null;
    order.previous = null;
    order.next = null;
  }

  /** Takes a traded part off the order's visible quantity. */
  take(order: LiveOrder, steps: number): void {
    order.visibleSteps -= steps;
    this.visibleSteps -= steps;
  }

  /** Shows less where less remains than is shown: after an amendment or a prevented part. Priority is kept. */
  shrink(order: LiveOrder): void {
    const excess = order.visibleSteps - order.remainingSteps;
    if (excess > 0) this.take(order, excess);
  }

  /** An iceberg whose shown part is gone shows its next part, at the back of the queue. */
  refill(order: LiveOrder): void {
    this.remove(order);
    this.append(order);
  }
}
