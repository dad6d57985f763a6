import { object, type Raw } from '../rest/responses.js';

/** What one frame of the WebSocket API is. */
export type Frame =
  /** The answer to a request of ours. */
  | { readonly kind: 'answer'; readonly id: string | number | null; readonly status: number; readonly raw: Raw }
  /** An event of the account, in whatever wrapping it came. */
  | { readonly kind: 'event'; readonly name: string; readonly raw: Raw }
  /** An acknowledgement without a status: `{"result":null,"id":1}`. */
  | { readonly kind: 'acknowledgement'; readonly id: string | number | null };

/**
 * Takes the wrapping off: `{subscriptionId, event}` of the WebSocket API, `{stream, data}` of a combined stream, or none.
 * @throws UnreadableAnswer
 */
export function unwrap(value: unknown): Frame {
  const raw = object(value, 'frame');
  const inner = raw['event'] ?? raw['data'] ?? raw;
  const event = typeof inner === 'object' ? object(inner, 'event') : raw;
  if (typeof event['e'] === 'string') return { kind: 'event', name: event['e'], raw: event };
  if (typeof raw['status'] === 'number') return { kind: 'answer', id: frameId(raw), status: raw['status'], raw };
  if ('id' in raw) return { kind: 'acknowledgement', id: frameId(raw) };
  return { kind: 'event', name: '', raw: event };
}

function frameId(raw: Raw): string | number | null {
  const id = raw['id'];
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}
