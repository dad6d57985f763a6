import { createSigner, encodeParams, messagePayload, UnusableSecret, type Params, type Signer } from '#libs/exchanges/binance';
import { failed, PASSED, refused, textOf, type CaseFields, type Verdict } from './case-file.js';

/** A signing vector: canonical text, signature, headers and request line must come out as they stand. */
export function judgeSigning(fields: CaseFields): Verdict {
  const scheme = textOf(fields, 'scheme') ?? '';
  if (!/^(binance-)?(ws-)?(hmac-sha256|rsa-sha256|rsa|ed25519)$/.test(scheme)) return refused(`unknown-scheme: ${scheme || 'none'}`);
  const secret = textOf(fields, 'secret') ?? textOf(fields, 'privateKeyPem') ?? textOf(fields, 'privateKey');
  if (secret === null) return refused('no-secret');
  let signer: Signer;
  try {
    signer = createSigner(secret);
  } catch (error) {
    if (error instanceof UnusableSecret) return refused(`unusable-secret: ${error.message}`);
    throw error;
  }
  if (!scheme.includes(signer.kind)) return failed(`the key is taken for ${signer.kind}`);
  const overWebSocket = scheme.includes('ws-');
  return overWebSocket ? judgeMessageSigning(fields, signer) : judgeQuerySigning(fields, signer);
}

function judgeMessageSigning(fields: CaseFields, signer: Signer): Verdict {
  const params = paramsOf(fields['params']);
  const key = textOf(fields, 'key');
  const named = params?.some(([name]) => name === 'apiKey') === true;
  const all = params === null || key === null || named ? params : [['apiKey', key] as const, ...params];
  const payload = all === null ? textOf(fields, 'payload') : messagePayload(all);
  if (payload === null) return refused('nothing-to-sign');
  return compare([
    ['payload', textOf(fields, 'payload'), payload],
    ['signature', textOf(fields, 'signature'), signer.signMessage(payload)],
  ]);
}

function judgeQuerySigning(fields: CaseFields, signer: Signer): Verdict {
  const params = paramsOf(fields['params']);
  const body = textOf(fields, 'body') ?? '';
  const query = params === null ? null : encodeParams(params);
  // Query and form are joined with nothing between them.
  const payload = query === null ? textOf(fields, 'payload') : query + body;
  if (payload === null) return refused('nothing-to-sign');
  const signature = signer.signQuery(payload);
  const headers = (fields['headers'] ?? {}) as CaseFields;
  return compare([
    ['payload', textOf(fields, 'payload'), payload],
    ['signature', textOf(fields, 'signature'), decodeURIComponent(signature)],
    [
      'request',
      body === '' ? textOf(fields, 'request') : null,
      `${String(fields['method'])} ${String(fields['path'])}?${payload}&signature=${signature}`,
    ],
    ['header X-MBX-APIKEY', textOf(headers, 'X-MBX-APIKEY'), textOf(fields, 'key') ?? ''],
  ]);
}

/** What the vector does not say is not compared; a vector that says nothing to compare proves nothing. */
function compare(rows: readonly (readonly [name: string, expected: string | null, actual: string])[]): Verdict {
  const told = rows.filter(([, expected]) => expected !== null);
  if (!told.some(([name]) => name === 'signature')) return refused('no-signature-to-compare');
  const wrong = told.find(([, expected, actual]) => expected !== actual);
  return wrong === undefined ? PASSED : failed(`${wrong[0]} differs`);
}

function paramsOf(value: unknown): Params | null {
  if (Array.isArray(value)) {
    const pairs = value.filter((pair): pair is [string, unknown] => Array.isArray(pair) && typeof pair[0] === 'string');
    return pairs.length === value.length ? pairs.map(([name, text]) => [name, String(text)] as const) : null;
  }
  if (typeof value !== 'object' || value === null) return null;
  return Object.entries(value).map(([name, text]) => [name, String(text)] as const);
}
