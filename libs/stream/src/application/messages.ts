import { fillResponse, orderResponse } from '#libs/orders';
import type { FillUpdate, OrderUpdate } from '#libs/orders';
import type { ProblemBody } from '#libs/http';
import { timeText } from '#libs/kernel';
import type { MessageId, Topic } from './client-message.js';

/** A message in its place in a numbered stream, as it goes on the wire: made once, sent to all. */
export interface Numbered {
  readonly seq: number;
  readonly message: Buffer;
}

export type DurableChannel = 'orders' | 'fills';

export function orderMessage(account: string, { seq, atMs, state }: OrderUpdate): Numbered {
  return { seq, message: update('orders', account, seq, JSON.stringify(orderResponse(state)), atMs) };
}

export function fillMessage(account: string, { seq, atMs, fill }: FillUpdate): Numbered {
  return { seq, message: update('fills', account, seq, JSON.stringify(fillResponse(fill)), atMs) };
}

function update(channel: DurableChannel, account: string, seq: number, data: string, atMs: number): Buffer {
  return Buffer.from(
    `{"channel":"${channel}","account":${JSON.stringify(account)},"seq":${seq},"type":"update","data":${data},"ts":"${timeText(atMs)}"}`,
  );
}

/** The beginning of a subscription: what is so at `seq`. `more` is true on all but the last part of a long one. */
export function snapshotMessage(
  channel: DurableChannel,
  account: string,
  part: { readonly seq: number; readonly data: unknown; readonly more: boolean; readonly atMs: number },
): Buffer {
  const { seq, data, more, atMs } = part;
  return json({ channel, account, seq, type: 'snapshot', data, ...(more ? { more } : {}), ts: timeText(atMs) });
}

/** A message of a channel where only the newest counts. @param data - JSON text */
export function newestMessage(topic: Topic, seq: number, data: string, atMs: number): Buffer {
  const { depth: _depth, ...names } = topic as Topic & { depth?: number };
  const head = JSON.stringify({ ...names, seq, type: seq === 1 ? 'snapshot' : 'update' }).slice(0, -1);
  return Buffer.from(`${head},"data":${data},"ts":"${timeText(atMs)}"}`);
}

/** An answer to an operation; `id` is left out where the client gave none. */
export function answerMessage(op: string, id: MessageId | undefined, more: object = {}): Buffer {
  return json({ op, ...(id === undefined ? {} : { id }), ...more });
}

export function errorMessage(id: MessageId | undefined, problem: ProblemBody): Buffer {
  return json({ op: 'error', id: id ?? null, problem });
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
