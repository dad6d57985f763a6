import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import type { SimAccount } from './types.js';

/** An account to open: its name, the protocol it belongs to, and what it owns, as decimal text per asset. */
export interface SimAccountPlan {
  readonly name: string;
  readonly venue: string;
  readonly balances: Readonly<Record<string, string>>;
  readonly passphrase?: string;
}

const FUNDS: Readonly<Record<string, string>> = {
  USDT: '1000000',
  BTC: '20',
  ETH: '300',
  SOL: '5000',
  BNB: '500',
  XRP: '200000',
  ADA: '200000',
  DOGE: '1000000',
  LTC: '1000',
};

export const DEFAULT_ACCOUNTS: readonly SimAccountPlan[] = [
  { name: 'binance-sim', venue: 'binance', balances: FUNDS },
  { name: 'binance-sim-2', venue: 'binance', balances: FUNDS },
];

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const KEY_LENGTH = 64;
/** DER of a PKCS #8 Ed25519 private key up to its 32 bytes (RFC 8410). */
const ED25519_PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The account's keys, made up from its name: worth nothing anywhere else, and marked as made up. Not from the seed, so that whoever
 * holds them can go on after the world has started over with another one.
 */
export function makeAccount(plan: SimAccountPlan): SimAccount {
  const entropy = createHash('sha256').update(`${plan.name}/ed25519`).digest();
  const privateKey = createPrivateKey({ key: Buffer.concat([ED25519_PKCS8_HEAD, entropy]), format: 'der', type: 'pkcs8' });
  return {
    name: plan.name,
    venue: plan.venue,
    apiKey: madeUpText('SandboxKey', `${plan.name}/key`),
    apiSecret: madeUpText('SandboxSecret', `${plan.name}/secret`),
    passphrase: plan.passphrase ?? null,
    ed25519PublicKey: createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }).toString(),
    ed25519PrivateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

/** 64 letters and digits. */
function madeUpText(prefix: string, purpose: string): string {
  let text = prefix;
  for (let block = 0; text.length < KEY_LENGTH; block += 1) {
    for (const byte of createHash('sha256').update(`${purpose}/${block}`).digest()) text += ALPHANUMERIC[byte % ALPHANUMERIC.length];
  }
  return text.slice(0, KEY_LENGTH);
}
