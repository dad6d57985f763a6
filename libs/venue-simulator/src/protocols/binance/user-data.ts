import type { SimAccountEvent } from '../../exchange/types.js';
import type { LiveSocket } from '../../server/live-socket.js';
import type { BinanceContext } from './context.js';
import { accountPosition, balanceUpdate, executionReport } from './formats/event-json.js';

/** Weight given back to the order counts by an order's first fill ("Unfilled order count", FAQ order_count_decrement). */
const GIVE_BACK_TAKER = 1;
const GIVE_BACK_MAKER = 5;

export interface UserDataSubscriber {
  readonly socket: LiveSocket;
  readonly subscriptionId: number;
}

/** Carries an account's events to whoever subscribed, in the order in which they happened. */
export class UserDataStreams {
  private readonly subscribers = new Map<string, Set<UserDataSubscriber>>();
  private readonly stop: () => void;

  constructor(private readonly context: BinanceContext) {
    this.stop = context.exchange.onAccountEvent((account, event) => this.onEvent(account, event));
  }

  subscribe(account: string, subscriber: UserDataSubscriber): void {
    let set = this.subscribers.get(account);
    if (set === undefined) {
      set = new Set();
      this.subscribers.set(account, set);
    }
    set.add(subscriber);
  }

  unsubscribe(account: string, subscriber: UserDataSubscriber): void {
    this.subscribers.get(account)?.delete(subscriber);
  }

  close(): void {
    this.stop();
  }

  private onEvent(account: string, event: SimAccountEvent): void {
    const original =
      event.type === 'order' && event.execution === 'replaced'
        ? this.context.amending.originalClientOrderId(event.order.orderId, event.executionId)
        : null;
    this.giveBack(account, event);
    const subscribers = this.subscribers.get(account);
    if (subscribers === undefined || subscribers.size === 0) return;
    const { type, text } = this.write(event, original);
    const tag = { type, stream: 'userDataStream', account, sequenced: false };
    for (const { socket, subscriptionId } of subscribers) {
      socket.sendEvent(`{"subscriptionId":${subscriptionId},"event":${text}}`, tag);
    }
  }

  private write(event: SimAccountEvent, original: string | null): { readonly type: string; readonly text: string } {
    const eventMs = this.context.nowMs();
    switch (event.type) {
      case 'order':
        return { type: 'executionReport', text: executionReport(this.context.symbols.text(event.order.symbol), event, original, eventMs) };
      case 'balances':
        return { type: 'outboundAccountPosition', text: accountPosition(event.balances, event.atMs, eventMs) };
      case 'deposit':
        return { type: 'balanceUpdate', text: balanceUpdate(event, eventMs) };
    }
  }

  private giveBack(account: string, event: SimAccountEvent): void {
    if (event.type !== 'order' || event.execution !== 'trade' || event.fill === null) return;
    if (!event.order.filledQuantity.eq(event.fill.quantity)) return;
    this.context.limits.countOrders(account, event.fill.isMaker ? -GIVE_BACK_MAKER : -GIVE_BACK_TAKER, this.context.nowMs());
  }
}
