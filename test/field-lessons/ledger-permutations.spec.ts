import { describe, expect, it } from 'vitest';
import { decimal, decimalText, sum } from '#libs/kernel';
import type { OrderStatus, VenueFill, VenueOrderReport } from '#libs/model';
import type { OrderEvent, OrderState, OrderTerms } from '#libs/orders';
import { inferFills, nextState, observeFills, observeReport, testFill, testOrder, testReport, testTerms } from '#testing/orders';

const NO: OrderEvent & { type: 'cancel-refused' } = {
  type: 'cancel-refused',
  reason: { code: 'cancel-rejected', message: 'too late', venueCode: null },
};
const LOST: OrderEvent = { type: 'outcome-unknown', reason: { code: 'unknown-outcome', message: 'no answer', venueCode: null } };

/** What the order is, and the ledger as its fills would be booked: in, and out again where a guess gives way to the real trade. */
interface Books {
  readonly state: OrderState;
  readonly booked: ReadonlyMap<string, string>;
}

type Message = (books: Books) => Books;

function recorded(books: Books, event: OrderEvent | null): Books {
  if (event === null) return books;
  const booked = new Map(books.booked);
  if (event.type === 'reported') {
    for (const fill of event.change.fills ?? []) {
      expect(booked.has(fill.venueTradeId), `trade ${fill.venueTradeId} is booked once`).toBe(false);
      booked.set(fill.venueTradeId, decimalText(fill.quantity));
    }
    for (const fill of event.change.replaced ?? []) expect(booked.delete(fill.venueTradeId), 'only what is booked is taken out').toBe(true);
  }
  return { state: nextState(books.state, event), booked };
}

const report =
  (said: VenueOrderReport, source: 'answer' | 'stream' | 'query'): Message =>
  (books) =>
    recorded(books, observeReport(books.state, said, source).event);
const trades =
  (fills: readonly VenueFill[]): Message =>
  (books) =>
    recorded(books, observeFills(books.state, fills, 'query').event);
const ours =
  (event: OrderEvent): Message =>
  (books) =>
    recorded(books, event);
/** The venue's totals prove a fill that its trades do not show: as the resolver does it, after the report. */
const inferred =
  (said: VenueOrderReport): Message =>
  (books) => {
    const seen = report(said, 'query')(books);
    return recorded(seen, inferFills(seen.state, said));
  };

function* permutations<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length === 0) yield [];
  for (const [at, item] of items.entries()) {
    for (const rest of permutations(items.toSpliced(at, 1))) yield [item, ...rest];
  }
}

function run(terms: OrderTerms, messages: readonly Message[]): { books: Books; statuses: readonly OrderStatus[] } {
  let books: Books = { state: testOrder(terms), booked: new Map() };
  const statuses: OrderStatus[] = [];
  for (const message of messages) {
    books = message(books);
    statuses.push(books.state.status);
    const held = sum([...books.booked.values()].map((quantity) => decimal(quantity)));
    expect(books.state.filledQuantity.eq(held), 'the order says what the ledger holds').toBe(true);
  }
  return { books, statuses };
}

/** One line that says everything in which two outcomes could differ. */
function outcome({ state, booked }: Books): string {
  const ledger = [...booked].map(([trade, quantity]) => `${trade}=${quantity}`).toSorted();
  const fees = [...state.fees].map(([asset, amount]) => `${asset}=${decimalText(amount)}`);
  const open = [state.inferred.length, state.closing === null, state.cancelRequested, state.openAttempt === null];
  return JSON.stringify([state.status, decimalText(state.filledQuantity), decimalText(state.filledQuote), ledger, fees, open]);
}

const terms = testTerms();
const first = testFill(terms, 't1', '0.4');
const second = testFill(terms, 't2', '0.6');
const acknowledged = report(testReport(terms), 'answer');
const partly = testReport(terms, { status: 'partially-filled', filledQuantity: decimal('0.4'), fills: [first] });
const full = { status: 'filled', filledQuantity: decimal('1'), filledQuote: decimal('100') } as const;
const filled = testReport(terms, { ...full, fills: [second] });
const filledWithoutTrades = testReport(terms, full);
const canceled = testReport(terms, { status: 'canceled', filledQuantity: decimal('0.4'), filledQuote: decimal('40') });

/** Runs every order of the messages; at the end the venue's list of trades, as whoever settles an order always reads it. */
function outcomes(messages: readonly Message[], last: readonly VenueFill[]): { ends: ReadonlySet<string>; count: number } {
  const ends = new Set<string>();
  let count = 0;
  for (const order of permutations(messages)) {
    const { books, statuses } = run(terms, [...order, trades(last)]);
    const endedAt = statuses.findIndex((status) => status === 'filled');
    if (endedAt >= 0) expect(new Set(statuses.slice(endedAt)), 'filled is for ever').toEqual(new Set(['filled']));
    ends.add(outcome(books));
    count += 1;
  }
  return { ends, count };
}

describe('in whatever order the messages about an order come', () => {
  it('[lesson 11] a guessed fill and the real ones leave the same ledger, in which no guess is left', () => {
    const messages = [acknowledged, report(partly, 'stream'), report(filled, 'stream'), inferred(filledWithoutTrades), trades([first])];
    const { ends, count } = outcomes(messages, [first, second]);
    expect(count).toBe(120);
    expect([...ends]).toEqual([JSON.stringify(['filled', '1', '100', ['t1=0.4', 't2=0.6'], ['BTC=0.002'], [0, true, false, true]])]);
  });

  it('[lesson 12] each message twice leaves the same ledger as each once', () => {
    const once = [acknowledged, report(partly, 'stream'), report(filled, 'stream')];
    const { ends } = outcomes(once, []);
    const twice = outcomes([...once, ...once], [first, second]);
    expect(twice.count).toBe(720);
    expect([...twice.ends]).toEqual([...ends]);
    expect(ends.size).toBe(1);
  });

  it('[lesson 47] a refused cancel, a lost answer and a late acknowledgement change nothing about an order that is filled', () => {
    const wished = ours({ type: 'cancel-requested', apiKeyId: 'k' });
    const messages = [
      acknowledged,
      report(partly, 'stream'),
      report(filled, 'stream'),
      report(filledWithoutTrades, 'query'),
      wished,
      ours(NO),
      ours(LOST),
    ];
    const { ends, count } = outcomes(messages, [first, second]);
    expect(count).toBe(5_040);
    expect([...ends].map((end) => JSON.parse(end) as unknown[]).map(([status, quantity]) => [status, quantity])).toEqual(
      [...ends].map(() => ['filled', '1']),
    );
    expect(ends.size).toBe(1);
  });

  it('[lesson 47] a canceled order stays canceled with exactly what was filled of it, guess or no guess', () => {
    const messages = [acknowledged, report(partly, 'stream'), report(canceled, 'stream'), inferred(canceled), ours(NO), ours(LOST)];
    const { ends, count } = outcomes(messages, [first]);
    expect(count).toBe(720);
    expect([...ends].map((end) => (JSON.parse(end) as unknown[]).slice(0, 4))).toEqual([['canceled', '0.4', '40', ['t1=0.4']]]);
  });
});
