import { VENUE_ERROR_CODES, VenueError, type Outcome, type VenueErrorCode } from '#libs/exchanges/contract';
import { TransportError } from '#libs/exchanges/transport';
import { describe, expect, it } from 'vitest';
import { DESCRIPTIONS } from './error-table.js';
import { asVenueError, errorFromAnswer, venueCodeOf } from './errors.js';
import { UnreadableAnswer } from './responses.js';

const now = 1_700_000_000_000;
const answer = (status: number, body: string, retryAfter: string | null = null) => ({ status, body, retryAfter });
const coded = (status: number, code: number, msg = 'Some text.') => answer(status, JSON.stringify({ code, msg }));

type Row = [what: string, status: number, code: number, msg: string, class_: VenueErrorCode, outcome: Outcome];

const refusals = (codes: readonly number[], class_: VenueErrorCode): Row[] =>
  codes.map((code) => [`${code}`, 400, code, 'Some text.', class_, 'refused']);

/** Every row of the table in the protocol notes, for a command. */
const TABLE: readonly Row[] = [
  [
    'ban',
    418,
    -1003,
    'Way too much request weight used; IP banned until 1700000123456. Please use WebSocket Streams.',
    'ip-banned',
    'refused',
  ],
  ['weight exceeded', 429, -1003, 'Too much request weight used.', 'rate-limited', 'refused'],
  ['order count exceeded', 429, -1015, 'Too many new orders; current limit is 50 orders per 10 SECOND.', 'order-rate-limited', 'refused'],
  ['restricted location', 451, 0, 'Service unavailable from a restricted location', 'permission-denied', 'refused'],
  ['unknown error', 400, -1000, 'An unknown error occurred.', 'unknown-outcome', 'unknown'],
  ['internal error', 400, -1001, 'Internal error; unable to process your request. Please try again.', 'unknown-outcome', 'unknown'],
  ['unauthorized', 401, -1002, 'You are not authorized.', 'auth-failed', 'refused'],
  ['unexpected response', 400, -1006, 'Execution status unknown.', 'unknown-outcome', 'unknown'],
  ['timeout at the venue', 400, -1007, 'Timeout waiting for response from backend server.', 'unknown-outcome', 'unknown'],
  ['overloaded', 400, -1008, 'Server is currently overloaded.', 'venue-unavailable', 'unknown'],
  ['filter', 400, -1013, 'Filter failure: LOT_SIZE', 'filter-violation', 'refused'],
  ['refused before the engine', 400, -1013, 'Stop price is invalid.', 'invalid-request', 'refused'],
  ...refusals(
    [
      -1014, -1020, -1106, -1114, -1115, -1116, -1117, -1118, -1119, -1120, -1128, -1130, -1134, -1135, -1145, -1158, -1159, -1160, -1161,
      -1162, -1163, -1164, -1165, -1166, -1167, -1168, -1196, -1197, -1198, -1199, -1210, -1211,
    ],
    'invalid-request',
  ),
  ['shutting down', 400, -1016, 'This service is no longer available.', 'venue-unavailable', 'refused'],
  ['timestamp', 400, -1021, 'Timestamp for this request is outside of the recvWindow.', 'clock-skew', 'refused'],
  ['signature', 400, -1022, 'Signature for this request is not valid.', 'auth-failed', 'refused'],
  ['too many connections', 400, -1034, 'Too many connections.', 'rate-limited', 'refused'],
  ...refusals([-1100, -1101, -1102, -1103, -1104, -1105, -1108], 'invalid-request'),
  ['precision', 400, -1111, "Parameter 'quantity' has too much precision.", 'filter-violation', 'refused'],
  ['empty book', 400, -1112, 'No orders on book for symbol.', 'insufficient-liquidity', 'refused'],
  ...refusals([-1121, -1122, -1151, -1220], 'invalid-symbol'),
  ['stream gone', 400, -1125, 'This listenKey does not exist.', 'stream-expired', 'refused'],
  ['window too large', 400, -1127, 'More than 24 hours between startTime and endTime.', 'invalid-request', 'refused'],
  ['no funds', 400, -2010, 'Account has insufficient balance for requested action.', 'insufficient-funds', 'refused'],
  ['duplicate: it may be this very order', 400, -2010, 'Duplicate order sent.', 'duplicate-client-order-id', 'unknown'],
  ['post-only', 400, -2010, 'Order would immediately match and take.', 'post-only-would-take', 'refused'],
  ['stop', 400, -2010, 'Order would trigger immediately.', 'stop-would-trigger', 'refused'],
  ['closed', 400, -2010, 'Market is closed.', 'market-closed', 'refused'],
  ['not permitted', 400, -2010, 'This symbol is not permitted for this account.', 'permission-denied', 'refused'],
  ['restricted', 400, -2010, 'This symbol is restricted for this account.', 'permission-denied', 'refused'],
  ['may not place', 400, -2010, 'This account may not place or cancel orders.', 'permission-denied', 'refused'],
  ['disabled', 400, -2010, 'This action is disabled on this account.', 'permission-denied', 'refused'],
  ['unsupported type', 400, -2010, 'Market orders are not supported for this symbol.', 'invalid-request', 'refused'],
  ['nothing worth', 400, -2010, 'Price * QTY is zero or less.', 'filter-violation', 'refused'],
  ['thin book', 400, -2010, 'Order book liquidity is less than LOT_SIZE filter minimum quantity.', 'insufficient-liquidity', 'refused'],
  ['cancel of no open order', 400, -2011, 'Unknown order sent.', 'order-not-found', 'refused'],
  ['cancel restricted', 400, -2011, 'Order was not canceled due to cancel restrictions.', 'cancel-rejected', 'refused'],
  ['no such order', 400, -2013, 'Order does not exist.', 'order-not-found', 'refused'],
  ['archived order', 400, -2026, 'Order was canceled or expired with no executed qty over 90 days ago.', 'order-not-found', 'refused'],
  ['key format', 401, -2014, 'API-key format invalid.', 'auth-failed', 'refused'],
  ['key, address or permission', 401, -2015, 'Invalid API-key, IP, or permissions for action.', 'permission-denied', 'refused'],
  ['half done', 409, -2021, 'Order cancel-replace partially failed.', 'partial-outcome', 'unknown'],
  ['both halves failed', 400, -2022, 'Order cancel-replace failed.', 'cancel-rejected', 'refused'],
  ...refusals([-2035, -2036, -2042], 'invalid-request'),
  ['amend refused', 400, -2038, 'Order amend (quantity increase) is not supported.', 'amend-rejected', 'refused'],
  ['ids do not fit', 400, -2039, 'Client order ID is not correct for this order ID.', 'invalid-request', 'refused'],
  ['a code that is new', 400, -4242, 'Whatever.', 'unknown-outcome', 'unknown'],
];

describe('what Binance says about a command', () => {
  it.each(TABLE)('%s', (_what, status, code, msg, class_, outcome) => {
    const error = errorFromAnswer('command', coded(status, code, msg), now);
    expect(error).toBeInstanceOf(VenueError);
    expect({ code: error.code, outcome: error.outcome, venueCode: error.venueCode, venue: error.venue }).toEqual({
      code: class_,
      outcome,
      venueCode: `${code}`,
      venue: 'binance',
    });
  });

  it.each(TABLE)('[lesson 7] leaves the outcome open whatever the code says, when the status is 5xx: %s', (_what, _status, code, msg) => {
    expect(errorFromAnswer('command', coded(503, code, msg), now).outcome).toBe('unknown');
  });

  it('names the filter', () => {
    expect(errorFromAnswer('command', coded(400, -1013, 'Filter failure: PERCENT_PRICE_BY_SIDE'), now).filter).toBe(
      'PERCENT_PRICE_BY_SIDE',
    );
    expect(errorFromAnswer('command', coded(400, -1111), now).filter).toBe('PRECISION');
  });

  it.each<[number, string, VenueErrorCode]>([
    [403, '<html>Request blocked.</html>', 'rate-limited'],
    [410, '<html>410 Gone</html>', 'invalid-request'],
    [418, '', 'ip-banned'],
    [429, '', 'rate-limited'],
    [451, '', 'permission-denied'],
    [500, '', 'unknown-outcome'],
    [502, '<html>Bad Gateway</html>', 'unknown-outcome'],
    [503, '', 'unknown-outcome'],
    [504, '{"half":', 'unknown-outcome'],
    [301, '', 'unknown-outcome'],
    [400, '{"msg":"no code"}', 'unknown-outcome'],
    [400, '"text"', 'unknown-outcome'],
    [400, '{"code":"-2010","msg":"a text for a code"}', 'unknown-outcome'],
  ])('never takes HTTP %i without a code of its own for a refusal', (status, body, code) => {
    const error = errorFromAnswer('command', answer(status, body), now);
    expect(error).toMatchObject({ code, outcome: 'unknown', venueCode: `HTTP ${status}` });
  });
});

describe('what Binance says about a read', () => {
  it.each([500, 502, 503])('is unavailable at HTTP %i', (status) => {
    expect(errorFromAnswer('read', answer(status, '<html>'), now).code).toBe('venue-unavailable');
  });

  it('is unavailable where it does not know itself', () => {
    for (const code of [-1000, -1001, -1006, -1007, -1008]) {
      expect(errorFromAnswer('read', coded(400, code), now).code).toBe('venue-unavailable');
    }
  });
});

describe('how long to be silent', () => {
  it('takes the header, else the time in the text, else a careful default', () => {
    const banned = 'IP banned until 1700000123456.';
    const seconds = (status: number, header: string | null, msg: string) =>
      errorFromAnswer('read', { status, body: JSON.stringify({ code: -1003, msg }), retryAfter: header }, now).retryAfterMs;
    expect(seconds(429, '7', 'Too much.')).toBe(7_000);
    expect(seconds(418, '120', banned)).toBe(120_000);
    expect(seconds(418, null, banned)).toBe(123_456);
    expect(seconds(418, 'soon', 'IP banned.')).toBe(30_000);
    expect(seconds(429, '-1', 'Too much.')).toBe(5_000);
    expect(errorFromAnswer('read', answer(403, '<html>'), now).retryAfterMs).toBe(10_000);
    expect(errorFromAnswer('read', coded(400, -2010), now).retryAfterMs).toBeNull();
  });
});

describe('what never got an answer', () => {
  it.each([
    ['command', 'not-sent', 'venue-unavailable'],
    ['read', 'not-sent', 'venue-unavailable'],
    ['command', 'unknown', 'unknown-outcome'],
    ['read', 'unknown', 'venue-unavailable'],
  ] as const)('%s, %s', (kind, outcome, code) => {
    expect(asVenueError(kind, new TransportError('broken-connection', outcome))).toMatchObject({ code, outcome });
  });

  it('does not hide bugs', () => {
    const bug = new TypeError('x is undefined');
    expect(asVenueError('command', bug)).toBe(bug);
  });

  it('says unknown of an answer that it cannot read', () => {
    expect(asVenueError('command', new UnreadableAnswer('status is unknown to us'))).toMatchObject({
      code: 'unreadable-answer',
      outcome: 'unknown',
    });
  });
});

describe('messages', () => {
  it('[lesson 44b] repeat nothing that the venue, a proxy or the request said', () => {
    const secretive = 'signature=abc&https://api.binance.com/api/v3/order?x=y apiKey KEY';
    const bodies = [
      JSON.stringify({ code: -2010, msg: secretive }),
      JSON.stringify({ code: -1013, msg: `Filter failure: ${secretive}` }),
      secretive,
    ];
    for (const body of bodies) {
      const { message } = errorFromAnswer('command', answer(400, body), now);
      expect(message).not.toMatch(/signature|https|KEY|api\/v3/);
    }
  });

  it('have words for every kind of failure', () => {
    expect(Object.keys(DESCRIPTIONS).sort()).toEqual([...VENUE_ERROR_CODES].sort());
  });

  it('read a code only where it is one', () => {
    expect(venueCodeOf('{"code":-2010,"msg":"x"}')).toEqual({ code: -2010, message: 'x' });
    expect(venueCodeOf('{"code":1.5}')).toBeNull();
    expect(venueCodeOf('null')).toBeNull();
  });
});
