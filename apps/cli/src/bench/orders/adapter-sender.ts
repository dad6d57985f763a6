import { createBinanceExchange } from '#libs/exchanges/binance';
import type { PlaceCommand } from '#libs/exchanges/contract';
import { decimal, SystemClock, UuidV7Source } from '#libs/kernel';
import { QUANTITY, type OrderSender, type Target } from './protocol.js';

const DEADLINE_MS = 10_000;

/** Our venue adapter as the gateway uses it: prepare, then send, with a client id and everything parsed into our words. */
export async function adapterSender(target: Target): Promise<OrderSender> {
  const exchange = createBinanceExchange({ restUrl: target.venueUrl, wsUrl: target.venueWsUrl, clock: new SystemClock() });
  await exchange.start();
  const account = exchange.account('binance-sim', { apiKey: target.apiKey, apiSecret: target.apiSecret });
  const ids = new UuidV7Source();
  const terms: Omit<PlaceCommand, 'venueClientId'> = {
    kind: 'place',
    symbol: 'BTC/USDT',
    side: 'buy',
    type: 'limit',
    timeInForce: 'IOC',
    quantity: decimal(QUANTITY),
    quoteQuantity: null,
    price: decimal(target.price),
    stopPrice: null,
    postOnly: false,
  };
  return {
    async send() {
      const prepared = account.prepare({ ...terms, venueClientId: account.venueClientId(ids.uuid()) });
      await account.send(prepared, { deadlineMs: DEADLINE_MS, correlationId: null });
    },
    close: () => exchange.close(),
  };
}
