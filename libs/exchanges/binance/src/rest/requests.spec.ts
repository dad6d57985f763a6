import { VenueError, type PlaceCommand } from '#libs/exchanges/contract';
import { decimal } from '#libs/kernel';
import { describe, expect, it } from 'vitest';
import { amendForm, cancelQuery, cancelReplaceForm, orderQuery, placeForm, type PlaceExtras } from './requests.js';

const limit: PlaceCommand = {
  kind: 'place',
  symbol: 'BTC/USDT',
  venueClientId: 'gw-1',
  side: 'buy',
  type: 'limit',
  timeInForce: 'GTC',
  quantity: decimal('0.0100'),
  quoteQuantity: null,
  price: decimal('20000.00'),
  stopPrice: null,
  postOnly: false,
};
const id = '&newClientOrderId=gw-1&newOrderRespType=FULL';

describe('placeForm', () => {
  it.each<[string, Partial<PlaceCommand>, PlaceExtras, string]>([
    ['a limit order', {}, {}, 'symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.01&price=20000&timeInForce=GTC'],
    [
      'a sell that is filled at once or not',
      { side: 'sell', timeInForce: 'FOK' },
      {},
      'symbol=BTCUSDT&side=SELL&type=LIMIT&quantity=0.01&price=20000&timeInForce=FOK',
    ],
    ['the rest taken back', { timeInForce: 'IOC' }, {}, 'symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.01&price=20000&timeInForce=IOC'],
    [
      'post-only: another type, and no time in force',
      { postOnly: true },
      {},
      'symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=0.01&price=20000',
    ],
    ['a market order', { type: 'market', price: null, timeInForce: null }, {}, 'symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01'],
    [
      'a market order by amount of quote asset',
      { type: 'market', price: null, timeInForce: null, quantity: null, quoteQuantity: decimal('10') },
      {},
      'symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=10',
    ],
    [
      'a stop with a limit',
      { type: 'stop-limit', stopPrice: decimal('19900') },
      {},
      'symbol=BTCUSDT&side=BUY&type=STOP_LOSS_LIMIT&quantity=0.01&price=20000&timeInForce=GTC&stopPrice=19900',
    ],
    [
      'a stop at the market',
      { type: 'stop-market', price: null, timeInForce: null, stopPrice: decimal('19900') },
      {},
      'symbol=BTCUSDT&side=BUY&type=STOP_LOSS&quantity=0.01&stopPrice=19900',
    ],
    [
      'a trigger on the profit side',
      { type: 'stop-limit', stopPrice: decimal('1') },
      { takeProfit: true },
      'symbol=BTCUSDT&side=BUY&type=TAKE_PROFIT_LIMIT&quantity=0.01&price=20000&timeInForce=GTC&stopPrice=1',
    ],
    [
      'what the venue has besides',
      {},
      { selfTradePreventionMode: 'EXPIRE_MAKER', icebergQuantity: decimal('0.001') },
      'symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.01&price=20000&timeInForce=GTC&icebergQty=0.001&selfTradePreventionMode=EXPIRE_MAKER',
    ],
    [
      'tiny amounts without an exponent',
      { quantity: decimal('0.00000001'), price: decimal('0.0000000100') },
      {},
      'symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=0.00000001&price=0.00000001&timeInForce=GTC',
    ],
  ])('writes %s', (_what, more, extras, form) => {
    expect(placeForm({ ...limit, ...more }, 'BTCUSDT', extras)).toBe(form + id);
  });

  it('percent-encodes a symbol that is not ASCII', () => {
    expect(placeForm(limit, '１２３', {})).toContain('symbol=%EF%BC%91%EF%BC%92%EF%BC%93&');
  });

  it.each<[string, Partial<PlaceCommand>, string]>([
    ['an end at a date', { timeInForce: 'GTD' }, 'unsupported-by-venue'],
    [
      'a post-only order that is not a limit order',
      { type: 'market', price: null, timeInForce: null, postOnly: true },
      'unsupported-by-venue',
    ],
    ['a post-only order that may not rest', { postOnly: true, timeInForce: 'IOC' }, 'unsupported-by-venue'],
    ['a quote amount on a limit order', { quantity: null, quoteQuantity: decimal('10') }, 'unsupported-by-venue'],
    ['both amounts', { quoteQuantity: decimal('10') }, 'invalid-request'],
    ['no amount', { quantity: null }, 'invalid-request'],
    ['a limit order without a price', { price: null }, 'invalid-request'],
    ['a market order with a price', { type: 'market', timeInForce: null }, 'invalid-request'],
    ['a stop without a stop price', { type: 'stop-limit' }, 'invalid-request'],
    ['a stop price on a limit order', { stopPrice: decimal('1') }, 'invalid-request'],
  ])('refuses %s before it is sent', (_what, more, code) => {
    try {
      placeForm({ ...limit, ...more }, 'BTCUSDT');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(VenueError);
      expect(error).toMatchObject({ code, outcome: 'not-sent' });
    }
  });
});

describe('naming an order', () => {
  it('cancels by client id, joined by the venue id where it is known', () => {
    expect(cancelQuery({ venueClientId: 'gw-1', venueOrderId: null }, 'BTCUSDT')).toBe('symbol=BTCUSDT&origClientOrderId=gw-1');
    expect(cancelQuery({ venueClientId: 'gw-1', venueOrderId: '28' }, 'BTCUSDT')).toBe('symbol=BTCUSDT&orderId=28&origClientOrderId=gw-1');
  });

  it('keeps the client id when it amends', () => {
    const amend = { kind: 'amend', symbol: 'BTC/USDT', venueClientId: 'gw-1', venueOrderId: '28', quantity: decimal('0.0050') } as const;
    expect(amendForm(amend, 'BTCUSDT')).toBe('symbol=BTCUSDT&orderId=28&origClientOrderId=gw-1&newClientOrderId=gw-1&newQty=0.005');
  });

  it('asks by the venue id first, for a client id may have been used before', () => {
    const named = { symbol: 'BTC/USDT', venueClientId: 'gw-1', venueOrderId: '28' };
    expect(orderQuery(named, 'BTCUSDT')).toBe('symbol=BTCUSDT&orderId=28');
    expect(orderQuery({ ...named, venueOrderId: null }, 'BTCUSDT')).toBe('symbol=BTCUSDT&origClientOrderId=gw-1');
    expect(() => orderQuery({ ...named, venueOrderId: null, venueClientId: null }, 'BTCUSDT')).toThrow(VenueError);
  });

  it('cancels and replaces with both in one form', () => {
    expect(cancelReplaceForm({ venueClientId: 'gw-0', venueOrderId: '27' }, limit, 'BTCUSDT', 'allow-failure')).toBe(
      `${placeForm(limit, 'BTCUSDT')}&cancelReplaceMode=ALLOW_FAILURE&cancelOrderId=27&cancelOrigClientOrderId=gw-0`,
    );
  });
});
