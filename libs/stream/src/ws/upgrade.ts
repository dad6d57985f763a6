import { STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ProblemException, currentCorrelationId, runWithCorrelation } from '#libs/http';
import { STREAM_PATH } from '../application/stream-access.js';

const ACCEPTED_ID = /^[\w.:-]{1,64}$/;
const BEARER = /^Bearer +([^\s,]+)$/i;

/** Whether a request wants to become a WebSocket on our path; everything else is an ordinary request. */
export function isForStream(request: IncomingMessage): boolean {
  const [path] = (request.url ?? '').split('?', 1);
  return path === STREAM_PATH && request.headers.upgrade?.toLowerCase() === 'websocket';
}

/** The key in the header: `null` where there is none. @throws {ProblemException} `unauthenticated` for any other kind of header. */
export function bearerOf(request: IncomingMessage): string | null {
  const { authorization } = request.headers;
  if (authorization === undefined) return null;
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) throw new ProblemException('unauthenticated', 'send Authorization: Bearer <key>');
  return token;
}

/** The client's own correlation id where it gave a usable one, else a new one. */
export function correlationIdFor(request: IncomingMessage): string {
  const offered = request.headers['x-correlation-id'];
  const usable = typeof offered === 'string' && ACCEPTED_ID.test(offered) ? offered : null;
  return runWithCorrelation(usable, () => currentCorrelationId()!);
}

/** Answers an upgrade with a problem instead, and closes the socket. */
export function refuseUpgrade(socket: Duplex, problem: ProblemException, correlationId: string): void {
  const body = JSON.stringify(problem.toBody(correlationId));
  const headers = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Refused'}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Correlation-Id: ${correlationId}`,
    ...(problem.code === 'unauthenticated' ? ['WWW-Authenticate: Bearer realm="breakwater"'] : []),
    'Connection: close',
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`);
}
