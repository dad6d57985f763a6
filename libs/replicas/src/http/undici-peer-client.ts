import { Agent, request as send } from 'undici';
import { PeerClient, PeerFault } from '../application/peer-client.js';
import type { PeerAnswer, PeerRequest } from '../application/peer-client.js';

const CONNECT_TIMEOUT_MS = 1_000;
const CONNECTIONS_MAX = 64;
/** Below the 5 s after which a gateway closes idle connections, so that we close first. */
const KEEP_ALIVE_MS = 2_000;

/** Faults of making a connection: no byte of the request has left. */
const NOT_CONNECTED: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const PASSED_ON = ['content-type', 'retry-after', 'idempotent-replayed'];

/** `PeerClient` over HTTP. Never repeats by itself, never follows a redirect. */
export class UndiciPeerClient extends PeerClient {
  private readonly agent = new Agent({
    connections: CONNECTIONS_MAX,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
  });

  async send(url: string, { method, path, body, headers }: PeerRequest, timeoutMs: number): Promise<PeerAnswer> {
    try {
      const answer = await send(new URL(path, url), {
        method: method as 'GET',
        headers: { ...headers, ...(body === null ? {} : { 'content-type': 'application/json' }) },
        body,
        dispatcher: this.agent,
        signal: AbortSignal.timeout(Math.ceil(timeoutMs)),
      });
      return { status: answer.statusCode, headers: passedOn(answer.headers), body: await answer.body.text() };
    } catch (error) {
      throw new PeerFault(!NOT_CONNECTED.has((error as { code?: unknown }).code), { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}

function passedOn(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of PASSED_ON) {
    const value = headers[name];
    if (typeof value === 'string') passed[name] = value;
  }
  return passed;
}
