import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#libs/database';
import { decimal, timeText } from '#libs/kernel';
import type { AccountName } from '#libs/kernel';
import { testDatabase } from '#testing/database';
import type { TestDatabase } from '#testing/database';
import type { OrderEvent, OrderState, OrderTerms } from '../domain/index.js';
import { TEST_NOW_MS, nextState, testAttempt, testFill, testOrder, testTerms } from '../testing.js';
import { eventData } from './event.mapper.js';
import { SqlOrderFeed } from './sql-order-feed.js';

/** Puts rows into the tables as the journal's statements leave them. */
class Rows {
  constructor(private readonly database: Database) {}

  async begin(terms: OrderTerms): Promise<OrderState> {
    await this.database.query(
      'test.order',
      `INSERT INTO orders (id, account, venue, symbol, side, type, time_in_force, quantity, price, post_only, reduce_only, fingerprint, venue_client_id, api_key_id, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, false, false, $10, $11, 'test-key', $12)`,
      [
        terms.id,
        terms.account,
        terms.venue,
        terms.symbol,
        terms.side,
        terms.type,
        terms.timeInForce,
        terms.quantity!.toFixed(),
        terms.price!.toFixed(),
        terms.fingerprint,
        terms.venueClientId,
        timeText(terms.createdAtMs),
      ],
    );
    const state = testOrder(terms);
    await this.put(state, { type: 'submitted', terms, attempt: testAttempt });
    return state;
  }

  async event(state: OrderState, event: OrderEvent): Promise<OrderState> {
    const next = nextState(state, event);
    await this.put(next, event);
    return next;
  }

  async fill(state: OrderState, tradeId: string): Promise<void> {
    const { id, account, venue, symbol } = state.terms;
    await this.database.query(
      'test.fill',
      `WITH head AS (
         INSERT INTO stream_heads (account, order_seq, fill_seq) VALUES ($3, 0, 1)
         ON CONFLICT (account) DO UPDATE SET fill_seq = stream_heads.fill_seq + 1 RETURNING fill_seq
       )
       INSERT INTO fills (id, order_id, account, venue, symbol, venue_trade_id, venue_order_id, side, price, quantity, source, venue_time, booked_at, seq)
       SELECT $1, $2, $3, $4, $5, $6, '77', 'buy', 100, 0.1, 'stream', $7, $7, fill_seq FROM head`,
      [testTerms().id, id, account, venue, symbol, tradeId, timeText(TEST_NOW_MS)],
    );
  }

  private async put(state: OrderState, event: OrderEvent): Promise<void> {
    const { terms, version, status } = state;
    await this.database.query(
      'test.event',
      `WITH event AS (
         INSERT INTO order_events (order_id, version, type, at, data) VALUES ($1, $2, $3, $4, $5)
       ), state AS (
         INSERT INTO order_states (order_id, status, version, filled_quantity, filled_quote, fees, updated_at) VALUES ($1, $6, $2, 0, 0, '{}', $4)
         ON CONFLICT (order_id) DO UPDATE SET status = $6, version = $2
       ), head AS (
         INSERT INTO stream_heads (account, order_seq, fill_seq) VALUES ($7, 1, 0)
         ON CONFLICT (account) DO UPDATE SET order_seq = stream_heads.order_seq + 1 RETURNING order_seq
       )
       INSERT INTO order_outbox (account, seq, order_id, version) SELECT $7, order_seq, $1, $2 FROM head`,
      [terms.id, version, event.type, timeText(state.updatedAtMs), JSON.stringify(eventData(event)), status, terms.account],
    );
  }
}

describe('the feed of an account', () => {
  let server: TestDatabase;
  let rows: Rows;
  let feed: SqlOrderFeed;
  const statements: string[] = [];

  beforeAll(async () => {
    server = await testDatabase();
    const database = server.database();
    rows = new Rows(database);
    feed = new SqlOrderFeed({
      query: (name: string, text: string, values: readonly unknown[]) => {
        statements.push(name);
        return database.query(name, text, values);
      },
    } as unknown as Database);
  });
  afterAll(() => server.close());

  const termsOf = (account: string): OrderTerms => testTerms({ account: account as AccountName });
  const acknowledged: OrderEvent = { type: 'reported', source: 'answer', change: { venueOrderId: '77', acknowledged: true } };

  function filled(terms: OrderTerms, tradeId: string): OrderEvent {
    return { type: 'reported', source: 'stream', change: { fills: [testFill(terms, tradeId, '0.1')] } };
  }

  it('answers zero heads and no orders for an account in which nothing happened', async () => {
    expect(await feed.heads('quiet')).toEqual({ orders: 0, fills: 0 });
    expect(await feed.ordersAfter('quiet', 0, 10)).toEqual([]);
    expect(await feed.fillsAfter('quiet', 0, 10)).toEqual([]);
    expect(await feed.openOrders('quiet')).toEqual({ seq: 0, states: [] });
  });

  it('gives each order as it stood after its event, whatever the size of the pages', async () => {
    const stories: OrderState[] = [];
    const running = await Promise.all([1, 2, 3].map(() => rows.begin(termsOf('interleaved'))));
    const expected = [...running];
    for (let round = 0; round < 4; round += 1) {
      for (const [index, state] of running.entries()) {
        running[index] = await rows.event(state, round === 0 ? acknowledged : filled(state.terms, `t${round}`));
        stories.push(running[index]);
      }
    }
    const all = [...expected, ...stories];
    for (const limit of [1, 2, 5, 100]) {
      const read = [];
      for (;;) {
        const page = await feed.ordersAfter('interleaved', read.at(-1)?.seq ?? 0, limit);
        if (page.length === 0) break;
        read.push(...page);
      }
      expect(read.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1));
      const states = new Map(all.map((state) => [`${state.terms.id} ${state.version}`, state]));
      for (const { state, atMs } of read) {
        const wanted = states.get(`${state.terms.id} ${state.version}`)!;
        expect({ ...state, terms: null }).toEqual({ ...wanted, terms: null });
        expect(atMs).toBe(wanted.updatedAtMs);
      }
    }
  });

  it('reads the events of a long order once, not again for each page', async () => {
    const account = 'long';
    let state = await rows.begin(termsOf(account));
    state = await rows.event(state, acknowledged);
    for (let at = 0; at < 20; at += 1) state = await rows.event(state, { type: 'cancel-unknown', reason: NO_REASON });
    statements.length = 0;
    let seq = 0;
    for (let page = await feed.ordersAfter(account, seq, 5); page.length > 0; page = await feed.ordersAfter(account, seq, 5)) {
      seq = page.at(-1)!.seq;
    }
    expect(seq).toBe(22);
    // The order's own row is read for the first page only: afterwards its last state is remembered.
    expect(statements.filter((name) => name === 'streams.terms')).toHaveLength(1);
  });

  it('gives the open orders together with the number that their picture includes', async () => {
    const account = 'open';
    const resting = await rows.event(await rows.begin(termsOf(account)), acknowledged);
    const over = await rows.begin(termsOf(account));
    await rows.event(over, { type: 'refused', source: 'answer', reason: NO_REASON });
    await rows.begin(termsOf('somebody-else'));
    const open = await feed.openOrders(account);
    expect(open.seq).toBe(4);
    expect(open.states.map((state) => [state.terms.id, state.version, state.status])).toEqual([[resting.terms.id, 2, 'new']]);
    expect(await feed.heads(account)).toEqual({ orders: 4, fills: 0 });
  });

  it('numbers fills apart from orders', async () => {
    const state = await rows.begin(termsOf('fills'));
    for (const tradeId of ['a', 'b', 'c']) await rows.fill(state, tradeId);
    const after = await feed.fillsAfter('fills', 1, 10);
    expect(after.map(({ seq, fill }) => [seq, fill.venueTradeId])).toEqual([
      [2, 'b'],
      [3, 'c'],
    ]);
    expect(after[0]!.fill.price.eq(decimal('100'))).toBe(true);
    expect(await feed.heads('fills')).toEqual({ orders: 1, fills: 3 });
  });
});

const NO_REASON = { code: 'x', message: 'x', venueCode: null };
