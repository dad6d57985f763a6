import { ProblemException, invalidRequest, nameSchema, nearestName, parseInput, symbolSchema } from '#libs/http';
import { z } from 'zod';

const ID_LENGTH_MAX = 64;
const DEPTH_MAX = 100;
const DEPTH_DEFAULT = 20;
const KEY_LENGTH_MAX = 200;

const idSchema = z.union([z.int(), z.string().max(ID_LENGTH_MAX)], {
  error: `must be a whole number, or text of at most ${ID_LENGTH_MAX}`,
});
/** The client's own mark on an operation, given back with the answer. */
export type MessageId = z.output<typeof idSchema>;

const base = { op: z.string(), id: idSchema.optional() };
const ofAccount = { ...base, channel: z.enum(['orders', 'fills', 'balances']), account: nameSchema };
const ofMarket = { ...base, venue: nameSchema, symbol: symbolSchema };
const since = z.int().min(0).optional();
const depth = z.int().min(1).max(DEPTH_MAX).default(DEPTH_DEFAULT);

const authSchema = z.strictObject({ ...base, key: z.string().max(KEY_LENGTH_MAX) });
const pingSchema = z.strictObject(base);
const subscribeSchemas = {
  orders: z.strictObject({ ...ofAccount, channel: z.literal('orders'), since }),
  fills: z.strictObject({ ...ofAccount, channel: z.literal('fills'), since }),
  balances: z.strictObject({ ...ofAccount, channel: z.literal('balances') }),
  book: z.strictObject({ ...ofMarket, channel: z.literal('book'), depth }),
  trades: z.strictObject({ ...ofMarket, channel: z.literal('trades') }),
  ticker: z.strictObject({ ...ofMarket, channel: z.literal('ticker') }),
  health: z.strictObject({ ...base, channel: z.literal('health') }),
} as const;

export type Channel = keyof typeof subscribeSchemas;
type Subscribe = z.output<(typeof subscribeSchemas)[Channel]>;

/** What can be heard: one of these at most once on each connection. */
export type Topic =
  | { readonly channel: 'orders' | 'fills'; readonly account: string }
  | { readonly channel: 'balances'; readonly account: string }
  | { readonly channel: 'book'; readonly venue: string; readonly symbol: string; readonly depth: number }
  | { readonly channel: 'trades' | 'ticker'; readonly venue: string; readonly symbol: string }
  | { readonly channel: 'health' };

export type ClientMessage =
  | { readonly op: 'auth'; readonly id: MessageId | undefined; readonly key: string }
  | { readonly op: 'subscribe'; readonly id: MessageId | undefined; readonly topic: Topic; readonly since: number | null }
  | { readonly op: 'unsubscribe'; readonly id: MessageId | undefined; readonly topic: Topic }
  | { readonly op: 'ping'; readonly id: MessageId | undefined };

const OPS = ['auth', 'subscribe', 'unsubscribe', 'ping'] as const;
const CHANNELS = Object.keys(subscribeSchemas) as readonly Channel[];

/** The text as JSON, and the mark in it where there is one that can be given back. */
export function readMessage(text: string): { readonly value: unknown; readonly id: MessageId | undefined } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { value: undefined, id: undefined };
  }
  const id = idSchema.safeParse((value as { id?: unknown } | null)?.id);
  return { value, id: id.success ? id.data : undefined };
}

/** @throws {ProblemException} `invalid-request`, naming what is wrong and never repeating a key. */
export function parseMessage(value: unknown): ClientMessage {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ProblemException('invalid-request', 'a message is a JSON object, such as {"op":"ping"}');
  }
  const { op, id } = value as { op?: unknown; id?: MessageId };
  switch (op) {
    case 'auth':
      return { op, id, key: parseInput(authSchema, value).key };
    case 'ping':
      return { op, id: parseInput(pingSchema, value).id };
    case 'subscribe': {
      const asked = parseTopic(value);
      return { op, id: asked.id, topic: topicOf(asked), since: 'since' in asked ? (asked.since ?? null) : null };
    }
    case 'unsubscribe': {
      const { since: _since, ...rest } = value as { since?: unknown };
      const asked = parseTopic(rest);
      return { op, id: asked.id, topic: topicOf(asked) };
    }
    default:
      throw unknownName('op', op, OPS);
  }
}

/** Names a topic on one connection. */
export function topicKey(topic: Topic): string {
  if ('account' in topic) return `${topic.channel} ${topic.account}`;
  return 'venue' in topic ? `${topic.channel} ${topic.venue} ${topic.symbol}` : topic.channel;
}

function parseTopic(value: object): Subscribe {
  const { channel } = value as { channel?: unknown };
  const known = CHANNELS.find((name) => name === channel);
  if (known === undefined) throw unknownName('channel', channel, CHANNELS);
  return parseInput<z.ZodType<Subscribe>>(subscribeSchemas[known], value);
}

function topicOf(asked: Subscribe): Topic {
  if ('account' in asked) return { channel: asked.channel, account: asked.account } as Topic;
  if (asked.channel === 'health') return { channel: asked.channel };
  const { venue, symbol } = asked;
  return asked.channel === 'book' ? { channel: 'book', venue, symbol, depth: asked.depth } : { channel: asked.channel, venue, symbol };
}

function unknownName(property: string, given: unknown, known: readonly string[]): ProblemException {
  const nearest = typeof given === 'string' ? nearestName(given, known) : null;
  const hint = nearest === null ? '' : `; did you mean "${nearest}"?`;
  const message = given === undefined ? 'is required' : `must be one of ${known.join(', ')}${hint}`;
  return invalidRequest([{ path: `/${property}`, message }]);
}
