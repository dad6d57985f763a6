import type { SimAccountEvent, SimMarketEvent, SimMarketEventFilter } from './types.js';

type AccountListener = (account: string, event: SimAccountEvent) => void;
type MarketListener = (event: SimMarketEvent) => void;
interface MarketSubscription {
  readonly listener: MarketListener;
  readonly only: SimMarketEventFilter;
}
type Posted = { readonly account: string; readonly event: SimAccountEvent } | { readonly account: null; readonly event: SimMarketEvent };

/**
 * Events wait here until the call that caused them has changed all it changes; then listeners hear them in order. A listener may call the
 * engine again: what that causes is heard after what was already waiting.
 */
export class Outbox {
  private readonly accountListeners = new Set<AccountListener>();
  private readonly marketListeners = new Set<MarketSubscription>();
  private waiting: Posted[] = [];
  private isDelivering = false;

  get hearsAccounts(): boolean {
    return this.accountListeners.size > 0;
  }

  hearsMarket(type: SimMarketEvent['type'], symbol: string): boolean {
    for (const { only } of this.marketListeners) if (isWanted(only, type, symbol)) return true;
    return false;
  }

  onAccountEvent(listener: AccountListener): () => void {
    this.accountListeners.add(listener);
    return () => this.accountListeners.delete(listener);
  }

  onMarketEvent(listener: MarketListener, only: SimMarketEventFilter = {}): () => void {
    const subscription = { listener, only };
    this.marketListeners.add(subscription);
    return () => this.marketListeners.delete(subscription);
  }

  postAccount(account: string, event: SimAccountEvent): void {
    this.waiting.push({ account, event });
  }

  postMarket(event: SimMarketEvent): void {
    this.waiting.push({ account: null, event });
  }

  deliver(): void {
    if (this.isDelivering || this.waiting.length === 0) return;
    this.isDelivering = true;
    let done = 0;
    try {
      while (done < this.waiting.length) {
        done += 1;
        this.deliverOne(this.waiting[done - 1]!);
      }
    } finally {
      // A listener that throws stops the call; what it has not heard is heard with the next one.
      if (done === this.waiting.length) this.waiting.length = 0;
      else this.waiting = this.waiting.slice(done);
      this.isDelivering = false;
    }
  }

  private deliverOne(posted: Posted): void {
    if (posted.account === null) {
      const { event } = posted;
      for (const { listener, only } of this.marketListeners) if (isWanted(only, event.type, event.symbol)) listener(event);
    } else {
      for (const listener of this.accountListeners) listener(posted.account, posted.event);
    }
  }
}

function isWanted(only: SimMarketEventFilter, type: SimMarketEvent['type'], symbol: string): boolean {
  return (only.type === undefined || only.type === type) && (only.symbol === undefined || only.symbol === symbol);
}
