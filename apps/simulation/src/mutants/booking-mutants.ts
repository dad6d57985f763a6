import { mutant } from './mutant.js';
import type { Mutant } from './mutant.js';

const OBSERVE = 'libs/orders/src/domain/observe.js';
const FOLD = 'libs/orders/src/domain/fold.js';
const DATABASE = 'apps/simulation/src/store/memory-database.js';

/** Errors in how fills are counted and states follow one another. */
export const BOOKING_MUTANTS: readonly Mutant[] = [
  mutant(
    'late-fill-ignored',
    'a fill that comes after the end of its order is not booked',
    OBSERVE,
    'return fills.filter((fill, index) =>',
    'return fills.filter((fill, index) => !isFinal(state.status) &&',
  ),
  mutant(
    'fill-booked-twice',
    'a fill is booked once from the stream and once from the trade history',
    OBSERVE,
    '!state.tradeIds.has(fill.venueTradeId) && fills.findIndex',
    'fills.findIndex',
  ),
  mutant(
    'fill-key-without-order',
    'fills are told apart by their trade id alone, which both sides of a trade share',
    DATABASE,
    'rows.push({ id, seq: rows.length + 1, orderId, account, venue, fill, source, bookedAtMs: this.nowMs(), isVoided: false });',
    `if ([...this.fills.values()].some((some) => some.some((row) => row.fill.venueTradeId === fill.venueTradeId))) return;
        rows.push({ id, seq: rows.length + 1, orderId, account, venue, fill, source, bookedAtMs: this.nowMs(), isVoided: false });`,
  ),
  mutant(
    'filled-by-report',
    "the filled quantity is taken over from the venue's totals instead of counted from fills",
    FOLD,
    'next = { ...next, closing: change.closed };',
    'next = { ...next, closing: change.closed, filledQuantity: change.closed.filledQuantity };',
  ),
  mutant(
    'filled-as-float',
    'filled quantities are added as binary floats',
    FOLD,
    'filledQuantity = filledQuantity.plus(fill.quantity);',
    'filledQuantity = new filledQuantity.constructor(Number(filledQuantity.toFixed()) + Number(fill.quantity.toFixed()));',
  ),
  mutant(
    'ends-before-its-fills',
    'an order counts as ended while fills that the venue has counted are still missing',
    FOLD,
    'return state.filledQuantity.gte(closing.filledQuantity);',
    'return true;',
  ),
  mutant(
    'reopened-by-late-event',
    'an order that has ended goes back to open by an event that comes late',
    FOLD,
    'if (isFinal(state.status))\n        return state.status;\n    const { closing } = state;',
    'const { closing } = state;',
  ),
  mutant(
    'unknown-status-guessed',
    "a status that the venue's documents do not name counts as canceled",
    'libs/exchanges/binance/src/rest/parse.js',
    'const status = orderStatus(statusWord, filledQuantity.gt(ZERO));',
    "const status = orderStatus(statusWord, filledQuantity.gt(ZERO)) ?? 'canceled';",
  ),
];
