import { Params } from '../params.js';
import { BinanceRefusal, illegalCharacters } from '../refusal.js';

/** A request frame, read. */
export interface WsRequest {
  /** As it goes back, JSON text: a number, a string or `null`. */
  readonly idJson: string;
  readonly method: string;
  readonly params: Params;
  /** `returnRateLimits` of this one request. */
  readonly returnRateLimits: boolean | null;
}

/** A frame that is no request; carries the id where one could be read. */
export interface UnreadableRequest {
  readonly idJson: string;
  readonly refusal: BinanceRefusal;
}

/** Reads `{"id":…,"method":…,"params":{…}}`. */
export function readWsRequest(text: string): WsRequest | UnreadableRequest {
  const frame = parse(text);
  if (frame === null) return { idJson: 'null', refusal: new BinanceRefusal(-1135, 'Invalid JSON Request') };
  const idJson = readId(frame['id']);
  if (idJson === null) return { idJson: 'null', refusal: illegalCharacters('id', '^[a-zA-Z0-9-_]{1,36}$') };
  const { method, params = {} } = frame;
  if (typeof method !== 'string')
    return { idJson, refusal: new BinanceRefusal(-1102, "Mandatory parameter 'method' was not sent, was empty/null, or malformed.") };
  if (!isObject(params)) return { idJson, refusal: new BinanceRefusal(-1135, 'Invalid JSON Request') };
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(params)) {
    const asText = textOf(value);
    if (asText === null) return { idJson, refusal: illegalCharacters(name, 'text, number, boolean or array') };
    values.set(name, asText);
  }
  const flag = values.get('returnRateLimits');
  values.delete('returnRateLimits');
  return { idJson, method, params: new Params(values), returnRateLimits: flag === undefined ? null : flag !== 'false' };
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON text of a permitted id; `null` for one that is not. */
function readId(id: unknown): string | null {
  if (id === undefined || id === null) return 'null';
  if (typeof id === 'number' && Number.isSafeInteger(id)) return String(id);
  if (typeof id === 'string' && /^[a-zA-Z0-9-_]{1,36}$/.test(id)) return `"${id}"`;
  return null;
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return JSON.stringify(value);
  return null;
}

/** What is signed on the WebSocket API: all parameters but `signature`, sorted by name, `name=value` with `&`, not percent-encoded. */
export function wsPayload(params: Params): string {
  const names = [...params.names()].filter((name) => name !== 'signature').sort();
  return names.map((name) => `${name}=${params.raw(name)}`).join('&');
}
