import { decimal } from '#libs/kernel';
import type { SimMarket } from './types.js';

interface Row {
  readonly symbol: string;
  readonly price: string;
  readonly tick: string;
  readonly priceMax: string;
  readonly step: string;
  readonly quantityMax: string;
  readonly marketQuantityMax: string;
}

/** Prices and filters in the manner of the venue's own; the prices are only where the made-up ones begin. */
const ROWS: readonly Row[] = [
  {
    symbol: 'BTC/USDT',
    price: '64000.00',
    tick: '0.01',
    priceMax: '1000000',
    step: '0.00001',
    quantityMax: '9000',
    marketQuantityMax: '120',
  },
  {
    symbol: 'ETH/USDT',
    price: '3200.00',
    tick: '0.01',
    priceMax: '1000000',
    step: '0.0001',
    quantityMax: '9000',
    marketQuantityMax: '2400',
  },
  {
    symbol: 'ETH/BTC',
    price: '0.05000',
    tick: '0.00001',
    priceMax: '922327',
    step: '0.0001',
    quantityMax: '100000',
    marketQuantityMax: '1200',
  },
  {
    symbol: 'SOL/USDT',
    price: '145.00',
    tick: '0.01',
    priceMax: '100000',
    step: '0.001',
    quantityMax: '90000',
    marketQuantityMax: '20000',
  },
  { symbol: 'BNB/USDT', price: '600.00', tick: '0.01', priceMax: '100000', step: '0.001', quantityMax: '90000', marketQuantityMax: '2000' },
  {
    symbol: 'XRP/USDT',
    price: '0.6000',
    tick: '0.0001',
    priceMax: '10000',
    step: '0.1',
    quantityMax: '9222449',
    marketQuantityMax: '900000',
  },
  {
    symbol: 'ADA/USDT',
    price: '0.4500',
    tick: '0.0001',
    priceMax: '1000',
    step: '0.1',
    quantityMax: '900000',
    marketQuantityMax: '700000',
  },
  {
    symbol: 'DOGE/USDT',
    price: '0.12000',
    tick: '0.00001',
    priceMax: '1000',
    step: '1',
    quantityMax: '9000000',
    marketQuantityMax: '6000000',
  },
  { symbol: 'LTC/USDT', price: '77.00', tick: '0.01', priceMax: '100000', step: '0.001', quantityMax: '90000', marketQuantityMax: '4000' },
  {
    symbol: 'LTC/BTC',
    price: '0.001203',
    tick: '0.000001',
    priceMax: '100000',
    step: '0.001',
    quantityMax: '100000',
    marketQuantityMax: '3000',
  },
  {
    symbol: 'SOL/BTC',
    price: '0.0022656',
    tick: '0.0000001',
    priceMax: '1000',
    step: '0.001',
    quantityMax: '90000',
    marketQuantityMax: '3000',
  },
  {
    symbol: 'BNB/BTC',
    price: '0.009375',
    tick: '0.000001',
    priceMax: '100000',
    step: '0.001',
    quantityMax: '100000',
    marketQuantityMax: '900',
  },
];

const OPEN_ORDERS_MAX = 200;

/** The markets of a fresh simulator. More open orders per account than the venue allows are for benchmarks. */
export function defaultMarkets(openOrdersMax: number = OPEN_ORDERS_MAX): readonly SimMarket[] {
  return ROWS.map((row) => marketOf(row, openOrdersMax));
}

function marketOf(row: Row, openOrdersMax: number): SimMarket {
  const [base = '', quote = ''] = row.symbol.split('/');
  const inBitcoin = quote === 'BTC';
  return {
    symbol: row.symbol,
    base,
    quote,
    seedPrice: decimal(row.price),
    priceTick: decimal(row.tick),
    priceMin: decimal(row.tick),
    priceMax: decimal(row.priceMax),
    quantityStep: decimal(row.step),
    quantityMin: decimal(row.step),
    quantityMax: decimal(row.quantityMax),
    marketQuantityMax: decimal(row.marketQuantityMax),
    notionalMin: decimal(inBitcoin ? '0.0001' : '5'),
    notionalMax: decimal('9000000'),
    bandUp: decimal('5'),
    bandDown: decimal('0.2'),
    openOrdersMax,
    makerFee: decimal('0.001'),
    takerFee: decimal('0.001'),
  };
}
