import { parseAccountEvent, parseMarketFrame, symbolOfStream, unwrap, UnreadableAnswer, type ToSymbol } from '#libs/exchanges/binance';
import { parseLosslessJson } from '#libs/exchanges/transport';
import { judgeByShape, judgeError } from './binance-http.js';
import { differenceFrom } from './binance-expected.js';
import { failed, PASSED, refused, type Verdict } from './case-file.js';

/** Events of the private stream; everything else with an `e` is market data. */
const ACCOUNT_EVENTS: ReadonlySet<string> = new Set([
  'executionReport',
  'outboundAccountPosition',
  'balanceUpdate',
  'externalLockUpdate',
  'listStatus',
  'eventStreamTerminated',
  'serverShutdown',
  'listenKeyExpired',
]);

/** A frame that came: an event, an answer to a request, an acknowledgement, market data. */
export function judgeFrame(raw: string, expected: unknown, toSymbol: ToSymbol): Verdict {
  let frame: ReturnType<typeof unwrap>;
  try {
    frame = unwrap(parseLosslessJson(raw));
  } catch (error) {
    if (error instanceof SyntaxError) return refused('not-json');
    if (error instanceof UnreadableAnswer) return refused(`unreadable-frame: ${error.message}`);
    throw error;
  }
  if (frame.kind === 'answer') return judgeAnswer(frame.status, frame.raw, expected, toSymbol);
  if (frame.kind === 'event' && ACCOUNT_EVENTS.has(frame.name)) {
    const { events } = parseAccountEvent(frame.name, frame.raw, toSymbol);
    const unreadable = events.find((event) => event.kind === 'unreadable');
    // A lock from outside is understood as far as it goes: it makes us ask.
    if (unreadable !== undefined && frame.name !== 'externalLockUpdate') return refused(`unreadable-event: ${unreadable.reason}`);
    const report = events.find((event) => event.kind === 'order');
    const difference = differenceFrom(expected, report?.kind === 'order' ? report.report : events);
    return difference === null ? PASSED : failed(difference);
  }
  return judgeMarketFrame(raw);
}

function judgeAnswer(status: number, raw: Readonly<Record<string, unknown>>, expected: unknown, toSymbol: ToSymbol): Verdict {
  if (status !== 200) return judgeError(raw['error'], toSymbol, status) ?? refused(`unreadable-answer: status ${status} without an error`);
  const result = raw['result'];
  return judgeError(result, toSymbol) ?? judgeByShape(result, expected, toSymbol);
}

function judgeMarketFrame(raw: string): Verdict {
  const frame = parseMarketFrame(raw);
  if (frame.kind === 'unreadable') return refused(`unreadable-frame: ${frame.reason}`);
  if (frame.kind === 'other') return refused(`event-not-used: ${frame.event}`);
  return PASSED;
}

/** Requests that the adapter makes over a WebSocket. Orders go over HTTP. */
const OUR_REQUESTS: ReadonlySet<string> = new Set(['session.logon', 'userDataStream.subscribe', 'userDataStream.subscribe.signature']);
const STREAM_REQUESTS: ReadonlySet<string> = new Set(['SUBSCRIBE', 'UNSUBSCRIBE']);

/** A message that was sent. */
export function judgeMessage(raw: string): Verdict {
  let message: { method?: unknown; params?: unknown };
  try {
    message = parseLosslessJson(raw) as typeof message;
  } catch {
    return refused('not-json');
  }
  const method = typeof message?.method === 'string' ? message.method : null;
  if (method === null) return refused('no-method');
  if (method === 'LIST_SUBSCRIPTIONS') return PASSED;
  if (STREAM_REQUESTS.has(method)) return judgeStreams(message.params);
  if (!OUR_REQUESTS.has(method)) return refused(`request-not-made: ${method}`);
  if (method === 'userDataStream.subscribe') return PASSED;
  const params = (message.params ?? {}) as Record<string, unknown>;
  const missing = ['apiKey', 'timestamp', 'signature'].find((name) => params[name] === undefined);
  return missing === undefined ? PASSED : refused(`unsigned-request: no ${missing}`);
}

function judgeStreams(params: unknown): Verdict {
  if (!Array.isArray(params)) return refused('no-streams');
  const strange = params.find((stream) => typeof stream !== 'string' || symbolOfStream(stream) === null);
  return strange === undefined ? PASSED : refused('stream-not-used');
}
