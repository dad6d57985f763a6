import type { Decimal } from '#libs/kernel';
import type { SimExchange, SimMarketEvent } from '../../exchange/types.js';

/** Trades of one taker order at one price, as one. */
export interface AggregateTrade {
  readonly id: number;
  readonly price: Decimal;
  quantity: Decimal;
  readonly firstTradeId: number;
  lastTradeId: number;
  readonly atMs: number;
  readonly buyerIsMaker: boolean;
  readonly takerOrderId: number | null;
}

const KEPT_MAX = 2_000;
const HISTORY = 1_000;

/** Numbers the aggregate trades of each market without gaps and keeps the latest, for REST and for the streams. */
export class AggregateTrades {
  private readonly bySymbol = new Map<string, AggregateTrade[]>();
  private readonly stop: () => void;

  constructor(exchange: SimExchange) {
    for (const { symbol } of exchange.markets()) {
      const history = [...exchange.recentTrades(symbol, HISTORY)].sort((a, b) => a.tradeId - b.tradeId);
      const list = history.map((trade, index): AggregateTrade => ({
        id: index + 1,
        price: trade.price,
        quantity: trade.quantity,
        firstTradeId: trade.tradeId,
        lastTradeId: trade.tradeId,
        atMs: trade.atMs,
        buyerIsMaker: trade.buyerIsMaker,
        takerOrderId: null,
      }));
      this.bySymbol.set(symbol, list);
    }
    const hear = (event: SimMarketEvent): void => {
      if (event.type === 'trade') this.add(event);
    };
    this.stop = exchange.onMarketEvent(hear, { type: 'trade' });
  }

  /** Oldest first. */
  of(symbol: string): readonly AggregateTrade[] {
    return this.bySymbol.get(symbol) ?? [];
  }

  close(): void {
    this.stop();
  }

  private add(trade: SimMarketEvent & { type: 'trade' }): void {
    const list = this.bySymbol.get(trade.symbol);
    if (list === undefined) return;
    const takerOrderId = trade.buyerIsMaker ? trade.sellOrderId : trade.buyOrderId;
    const last = list.at(-1);
    if (last !== undefined && last.takerOrderId === takerOrderId && last.price.eq(trade.price) && last.atMs === trade.atMs) {
      last.quantity = last.quantity.plus(trade.quantity);
      last.lastTradeId = trade.tradeId;
      return;
    }
    list.push({
      id: (last?.id ?? 0) + 1,
      price: trade.price,
      quantity: trade.quantity,
      firstTradeId: trade.tradeId,
      lastTradeId: trade.tradeId,
      atMs: trade.atMs,
      buyerIsMaker: trade.buyerIsMaker,
      takerOrderId,
    });
    if (list.length > KEPT_MAX * 2) list.splice(0, KEPT_MAX);
  }
}
