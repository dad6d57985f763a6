import { decimal } from '#libs/kernel';
import type { Caller, OrderRequest } from '#libs/orders';
import type { SeededRandom } from '../random/seeded-random.js';

export const SYMBOL = 'BTC/USDT';
/** Where the orders of a run lie; far enough from each other that some rest and some trade. */
const PRICES = ['63000', '63500', '64000', '64500', '65000'];

/** Makes orders of all kinds, most of them good. */
export class OrderMaker {
  private made = 0;

  constructor(
    private readonly random: SeededRandom,
    private readonly accounts: readonly string[],
  ) {}

  request(): { readonly request: OrderRequest; readonly caller: Caller } {
    const { random } = this;
    this.made += 1;
    const type = random.pick(['limit', 'limit', 'limit', 'market', 'stop-limit'] as const);
    const isMarket = type === 'market';
    const price = isMarket ? null : decimal(random.pick(PRICES));
    const resubmits = random.chance(0.15);
    const request: OrderRequest = {
      account: random.pick(this.accounts),
      symbol: SYMBOL,
      side: random.pick(['buy', 'sell'] as const),
      type,
      timeInForce: isMarket ? null : type === 'limit' ? random.pick(['GTC', 'GTC', 'GTC', 'IOC', 'FOK'] as const) : 'GTC',
      quantity: decimal(`0.0${random.between(10, 99)}${random.between(0, 9)}`),
      quoteQuantity: null,
      price,
      stopPrice: type === 'stop-limit' ? decimal(random.pick(['62000', '66000'])) : null,
      expiresAtMs: null,
      clientOrderId: random.chance(0.6) ? `client-${this.made}` : null,
      postOnly: false,
      reduceOnly: false,
      onNotCreated: resubmits ? 'resubmit' : 'reject',
      resubmitUntilMs: null,
    };
    return { request: this.spoiled(request), caller: this.caller() };
  }

  /** The same again, or with another body under the same key. */
  changed(request: OrderRequest): OrderRequest {
    return { ...request, quantity: decimal('0.0123'), side: request.side === 'buy' ? 'sell' : 'buy' };
  }

  private caller(): Caller {
    const idempotencyKey = this.random.chance(0.3) ? `key-${this.made}` : null;
    return { apiKeyId: 'client', idempotencyKey, correlationId: `call-${this.made}` };
  }

  /** Now and then something that our own filters, or the venue, refuse. */
  private spoiled(request: OrderRequest): OrderRequest {
    if (this.random.chance(0.02)) return { ...request, quantity: decimal('0.0000001') };
    if (this.random.chance(0.02)) return { ...request, symbol: 'NO/SUCH' };
    if (this.random.chance(0.02) && request.type === 'limit') return { ...request, postOnly: true, timeInForce: 'GTC' };
    return request;
  }
}
