import { ZERO } from '#libs/kernel';
import type { AccountEvent } from '#libs/exchanges/contract';
import type { VenueFill, VenueOrderReport } from '#libs/model';
import { orderStatus } from '../domain/order-status-map.js';
import { orderType, side, timeInForce } from '../domain/order-terms.js';
import { endReason, fee, type ToSymbol } from '../rest/parse.js';
import {
  amount,
  amountText,
  boolean,
  id,
  list,
  object,
  optionalAmount,
  optionalText,
  optionalTimeMs,
  text,
  timeMs,
  UnreadableAnswer,
  type Raw,
} from '../rest/responses.js';

/** What an event asks of the stream itself. */
export type StreamControl = 'reconnect' | null;

export interface ParsedEvent {
  readonly events: readonly AccountEvent[];
  readonly control: StreamControl;
}

const NOTHING: ParsedEvent = { events: [], control: null };

/**
 * One event of the private stream in our words. What cannot be read becomes an `unreadable` event, so that somebody asks
 * the venue how things stand: it is never dropped, and never guessed.
 */
export function parseAccountEvent(name: string, raw: Raw, toSymbol: ToSymbol): ParsedEvent {
  try {
    return readEvent(name, raw, toSymbol);
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error;
    return unreadable(`${eventWord(name)}: ${error.message}`);
  }
}

function readEvent(name: string, raw: Raw, toSymbol: ToSymbol): ParsedEvent {
  switch (name) {
    case 'executionReport':
      return { events: [{ kind: 'order', report: parseExecutionReport(raw, toSymbol) }], control: null };
    case 'outboundAccountPosition':
      return { events: [parsePositions(raw)], control: null };
    case 'balanceUpdate':
      return { events: [parseTransfer(raw)], control: null };
    case 'externalLockUpdate':
      // Part of a balance was locked or freed by another product: the difference says nothing of the new balance, so ask.
      parseTransfer(raw);
      return unreadable('externalLockUpdate: balances must be asked for');
    case 'listStatus':
      // Each order of the list sends its own reports.
      parseListStatus(raw);
      return NOTHING;
    case 'serverShutdown':
    case 'eventStreamTerminated':
    case 'listenKeyExpired':
      return { events: [], control: 'reconnect' };
    default:
      return unreadable(`${eventWord(name)}: unknown event`);
  }
}

function unreadable(reason: string): ParsedEvent {
  return { events: [{ kind: 'unreadable', reason }], control: null };
}

/** Only a plain word of the venue gets into a reason. */
function eventWord(name: string): string {
  return /^[A-Za-z0-9_]{1,40}$/.test(name) ? name : 'event';
}

/**
 * `executionReport`. On a cancel `c` is the cancel request's id and `C` the order's own, so that `C` goes first where it is set.
 * A trade is a fill only where it has an id and a quantity.
 * @throws UnreadableAnswer
 */
export function parseExecutionReport(raw: Raw, toSymbol: ToSymbol): VenueOrderReport {
  const statusWord = text(raw, 'X');
  const filledQuantity = amount(raw, 'z');
  const status = orderStatus(statusWord, filledQuantity.gt(ZERO));
  if (status === null) throw new UnreadableAnswer('status is unknown to us');
  const orderSide = side(text(raw, 'S'));
  if (orderSide === null) throw new UnreadableAnswer('side is unknown to us');
  const price = amount(raw, 'p');
  const stopPrice = optionalAmount(raw, 'P');
  const type = orderType(text(raw, 'o'), price.gt(ZERO));
  const filledQuote = optionalAmount(raw, 'Z');
  const symbol = toSymbol(text(raw, 's'));
  const venueOrderId = id(raw, 'i');
  const at = optionalTimeMs(raw, 'T') ?? optionalTimeMs(raw, 'E');
  const reject = optionalText(raw, 'r');
  return {
    symbol,
    venueOrderId,
    venueClientId: ownClientId(raw),
    status,
    side: orderSide,
    type,
    timeInForce: timeInForce(optionalText(raw, 'f'), type),
    quantity: amount(raw, 'q'),
    price: price.gt(ZERO) ? price : null,
    stopPrice: stopPrice !== null && stopPrice.gt(ZERO) ? stopPrice : null,
    filledQuantity,
    filledQuote: filledQuote === null || filledQuote.lt(ZERO) ? null : filledQuote,
    venueTimeMs: at,
    reason: reject !== null && reject !== 'NONE' ? reject : endReason(statusWord, optionalText(raw, 'eR')),
    fills: fillOf(raw, symbol, venueOrderId, orderSide),
  };
}

function ownClientId(raw: Raw): string {
  const original = optionalText(raw, 'C');
  // Once seen in the field: the word "null" instead of nothing.
  return original !== null && original !== 'null' ? original : text(raw, 'c');
}

/** `CALCULATED` is a trade that the venue made itself, to close what a margin call demanded. */
const FILL_EXECUTIONS: ReadonlySet<string> = new Set(['TRADE', 'CALCULATED']);

function fillOf(raw: Raw, symbol: string, venueOrderId: string, orderSide: VenueFill['side']): readonly VenueFill[] {
  if (!FILL_EXECUTIONS.has(text(raw, 'x'))) return [];
  const quantity = amount(raw, 'l');
  const tradeId = id(raw, 't');
  if (tradeId.startsWith('-') || quantity.lte(ZERO)) return [];
  return [
    {
      symbol,
      venueTradeId: tradeId,
      venueOrderId,
      side: orderSide,
      price: amount(raw, 'L'),
      quantity,
      fee: fee(raw, 'N', 'n'),
      liquidity: boolean(raw, 'm') ? 'maker' : 'taker',
      venueTimeMs: timeMs(raw, 'T'),
    },
  ];
}

/** `outboundAccountPosition`: absolute balances of the assets that were touched. */
function parsePositions(raw: Raw): AccountEvent {
  const balances = list(raw['B'], 'balances').map((row) => {
    const balance = object(row, 'balance');
    return { asset: text(balance, 'a'), free: amount(balance, 'f'), locked: amount(balance, 'l') };
  });
  return { kind: 'balances', balances, venueTimeMs: optionalTimeMs(raw, 'u') ?? timeMs(raw, 'E'), complete: false };
}

/** `balanceUpdate`: a deposit, a withdrawal, a transfer between accounts. */
function parseTransfer(raw: Raw): AccountEvent {
  return {
    kind: 'transfer',
    asset: text(raw, 'a'),
    amount: amountText(raw, 'd'),
    venueTimeMs: optionalTimeMs(raw, 'T') ?? timeMs(raw, 'E'),
  };
}

function parseListStatus(raw: Raw): void {
  id(raw, 'g');
  for (const row of list(raw['O'], 'orders')) id(object(row, 'order'), 'i');
}
