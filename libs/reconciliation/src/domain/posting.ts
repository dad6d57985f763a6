import { ZERO, invariant } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import type { Fee, Side } from '#libs/model';
import { assetsOf } from './assets.js';

/** `holdings` is what lies at the venue; the others are where it came from and where it went. */
export type Book = 'holdings' | 'opening' | 'trading' | 'fees' | 'transfers';
export type EntryKind = 'opening' | 'fill' | 'fee' | 'transfer' | 'void';

/** One line of a posting: signed, in one asset. */
export interface Entry {
  readonly book: Book;
  readonly asset: string;
  readonly amount: Decimal;
  readonly kind: EntryKind;
}

/** A double entry: its lines sum to zero in each asset. Its id is made from what it posts, so that posting it again changes nothing. */
export interface Posting {
  readonly txId: string;
  readonly account: string;
  /** What it is about, for people: a trade, an asset. */
  readonly reference: string;
  readonly atMs: number;
  readonly reason: string | null;
  readonly entries: readonly Entry[];
}

/** A trade as far as its money goes. */
export interface PostableFill {
  readonly account: string;
  readonly symbol: string;
  readonly venueTradeId: string;
  readonly side: Side;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly fee: Fee | null;
  readonly venueTimeMs: number;
}

const ROUND_DOWN = 0;

/**
 * A fill of an order of ours: base against quote, and the fee in whatever asset it was taken.
 * @param amountDecimals to how many decimals the venue cuts the amount of a trade; `null` where it keeps every digit.
 */
export function postFill(fill: PostableFill & { readonly orderId: string }, amountDecimals: number | null): Posting {
  return {
    txId: fillTxId(fill),
    account: fill.account,
    reference: `${fill.symbol} trade ${fill.venueTradeId}`,
    atMs: fill.venueTimeMs,
    reason: null,
    entries: balanced([...tradeEntries(fill, amountDecimals, 'fill', 'trading'), ...feeEntries(fill, 'fee', 'fees')]),
  };
}

/** A fill of an order that others placed under our key: money that moved for a reason we know. */
export function postExternalFill(fill: PostableFill, amountDecimals: number | null): Posting {
  return {
    txId: `external:${fill.account}:${fill.symbol}:${fill.venueTradeId}:${fill.side}`,
    account: fill.account,
    reference: `${fill.symbol} trade ${fill.venueTradeId}`,
    atMs: fill.venueTimeMs,
    reason: 'external-fill',
    entries: balanced([...tradeEntries(fill, amountDecimals, 'transfer', 'transfers'), ...feeEntries(fill, 'transfer', 'transfers')]),
  };
}

/** Takes back what a fill posted, line by line, as it was posted. */
export function postVoid(made: Posting, voided: { readonly atMs: number; readonly reason: string }): Posting {
  return {
    ...made,
    txId: made.txId.replace(/^fill:/, 'void:'),
    atMs: voided.atMs,
    reason: voided.reason,
    entries: made.entries.map((entry) => ({ ...entry, kind: 'void', amount: entry.amount.neg() })),
  };
}

/** What an account held before its ledger began; once for each account and asset. */
export function postOpening(account: string, asset: string, amount: Decimal, atMs: number): Posting {
  return {
    txId: `opening:${account}:${asset}`,
    account,
    reference: asset,
    atMs,
    reason: null,
    entries: pair(asset, amount, 'opening', 'opening'),
  };
}

/** Money that came or went otherwise. `key` tells transfers of the same asset apart. */
export interface Transfer {
  readonly account: string;
  readonly asset: string;
  /** Positive: it came in. */
  readonly amount: Decimal;
  readonly key: string;
  readonly atMs: number;
  readonly reason: 'reported' | 'unreported';
}

export function postTransfer({ account, asset, amount, key, atMs, reason }: Transfer): Posting {
  return {
    txId: `transfer:${account}:${asset}:${key}`,
    account,
    reference: asset,
    atMs,
    reason,
    entries: pair(asset, amount, 'transfer', 'transfers'),
  };
}

/** The id of a fill's posting: the key under which the fill itself is booked once. */
export function fillTxId(fill: Pick<PostableFill, 'account' | 'symbol' | 'venueTradeId'> & { readonly orderId: string }): string {
  return `fill:${fill.account}:${fill.symbol}:${fill.venueTradeId}:${fill.orderId}`;
}

function tradeEntries(fill: PostableFill, amountDecimals: number | null, kind: EntryKind, against: Book): Entry[] {
  const { base, quote, settle } = assetsOf(fill.symbol);
  // A derivative changes hands without money: what it gains or loses is settled later, as transfers.
  if (settle !== null) return [];
  const exact = fill.price.times(fill.quantity);
  const cost = amountDecimals === null ? exact : exact.round(amountDecimals, ROUND_DOWN);
  const bought = fill.side === 'buy';
  return [
    ...pair(base, bought ? fill.quantity : fill.quantity.neg(), kind, against),
    ...pair(quote, bought ? cost.neg() : cost, kind, against),
  ];
}

function feeEntries(fill: PostableFill, kind: EntryKind, against: Book): Entry[] {
  if (fill.fee === null || fill.fee.amount.eq(ZERO)) return [];
  // A rebate is a fee below zero: it comes in.
  return pair(fill.fee.asset, fill.fee.amount.neg(), kind, against);
}

function pair(asset: string, amount: Decimal, kind: EntryKind, against: Book): Entry[] {
  return [
    { book: 'holdings', asset, amount, kind },
    { book: against, asset, amount: amount.neg(), kind },
  ];
}

function balanced(entries: readonly Entry[]): readonly Entry[] {
  const sums = new Map<string, Decimal>();
  for (const { asset, amount } of entries) sums.set(asset, (sums.get(asset) ?? ZERO).plus(amount));
  invariant(
    [...sums.values()].every((total) => total.eq(ZERO)),
    'the entries of a posting sum to zero in each asset',
  );
  return entries;
}
