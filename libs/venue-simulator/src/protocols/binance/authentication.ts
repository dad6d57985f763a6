import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { SimAccount, SimExchange } from '../../exchange/types.js';
import { HmacSha256 } from './hmac-sha256.js';
import type { Params } from './params.js';
import { BinanceRefusal, missingParameter, refusal } from './refusal.js';

const RECV_WINDOW_MS_DEFAULT = 5_000;
const RECV_WINDOW_MS_MAX = 60_000;
const AHEAD_MS_MAX = 1_000;
const KEY_PATTERN = /^[A-Za-z0-9_-]{8,128}$/;
const HMAC_HEX_LENGTH = 64;
const HMAC_HEX_PATTERN = /^[0-9a-fA-F]{64}$/;

interface AccountKeys {
  readonly hmac: HmacSha256;
  readonly ed25519: KeyObject | null;
}

/** Which kind of key signed. Only Ed25519 may log a session on. */
export type SignatureKind = 'hmac' | 'ed25519';

/** Finds accounts by key and checks their signatures; keys are parsed once. */
export class Authentication {
  private readonly keys = new Map<string, AccountKeys>();

  constructor(
    private readonly exchange: SimExchange,
    private readonly venue: string,
  ) {}

  /** @throws BinanceRefusal -2014 for a malformed or absent key, -2015 for one that nobody has. */
  account(apiKey: string | undefined): SimAccount {
    const account = apiKey === undefined ? undefined : this.exchange.accountByKey(apiKey);
    if (account === undefined && !KEY_PATTERN.test(apiKey ?? '')) throw refusal('keyFormat');
    if (account === undefined || account.venue !== this.venue) throw refusal('key');
    return account;
  }

  /** @throws BinanceRefusal -1022. `signature` is HMAC-SHA256 hex in either case, or Ed25519 base64. */
  verify(account: SimAccount, payload: string, signature: string): SignatureKind {
    const keys = this.keysOf(account);
    if (signature.length === HMAC_HEX_LENGTH && hmacMatches(keys.hmac, payload, signature)) return 'hmac';
    const isHex = HMAC_HEX_PATTERN.test(signature);
    if (!isHex && keys.ed25519 !== null && verify(null, Buffer.from(payload, 'utf8'), keys.ed25519, Buffer.from(signature, 'base64'))) {
      return 'ed25519';
    }
    throw refusal('signature');
  }

  private keysOf(account: SimAccount): AccountKeys {
    const known = this.keys.get(account.apiKey);
    if (known !== undefined) return known;
    const { ed25519PublicKey, apiSecret } = account;
    const keys = {
      hmac: new HmacSha256(apiSecret),
      ed25519: ed25519PublicKey === null ? null : createPublicKey(ed25519PublicKey),
    };
    this.keys.set(account.apiKey, keys);
    return keys;
  }
}

/** The secrets here are published by the simulator itself, so comparing need not take the same time for all. */
function hmacMatches(hmac: HmacSha256, payload: string, signature: string): boolean {
  const expected = hmac.hex(payload);
  return expected === signature || expected === signature.toLowerCase();
}

/**
 * The rule of "Timing security": `timestamp < serverTime + 1000` and `serverTime − timestamp ≤ recvWindow`.
 * @throws BinanceRefusal -1102 without a timestamp, -1021 outside the window, -1131 for a bad recvWindow.
 */
export function checkTimestamp(params: Params, serverMs: number): void {
  const timestampMs = params.timeMs('timestamp');
  if (timestampMs === null) throw missingParameter('timestamp');
  const recvWindowMs = recvWindow(params);
  if (timestampMs >= serverMs + AHEAD_MS_MAX) throw refusal('early');
  if (serverMs - timestampMs > recvWindowMs) throw refusal('late');
}

function recvWindow(params: Params): number {
  const text = params.matching('recvWindow', /^[0-9]{1,5}(\.[0-9]{1,3})?$/, '^[0-9]{1,5}(\\.[0-9]{1,3})?$');
  if (text === null) return RECV_WINDOW_MS_DEFAULT;
  const [whole = '0', fraction = ''] = text.includes('.') ? text.split('.') : [text];
  const ms = Number.parseInt(whole, 10) + (fraction === '' ? 0 : Number.parseInt(fraction.padEnd(3, '0'), 10) / 1_000);
  if (ms > RECV_WINDOW_MS_MAX) throw new BinanceRefusal(-1131, 'recvWindow must be less than 60000');
  return ms;
}
