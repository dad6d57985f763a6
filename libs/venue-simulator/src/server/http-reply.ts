import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import type { HttpReply } from './protocol.js';

/** Writes a whole answer in one go. */
export function writeReply(res: ServerResponse, reply: HttpReply): void {
  if (res.destroyed) return;
  const { headers, body, status } = reply;
  const bytes = Buffer.byteLength(body);
  res.writeHead(status, headers.concat('Content-Length', String(bytes)));
  // Plain ASCII, which is nearly every answer, leaves faster when it is called so.
  res.end(body, bytes === body.length ? 'latin1' : 'utf8');
}

/** Writes the headers of the whole answer and half of its body, then cuts the connection. */
export function writeTruncated(res: ServerResponse, reply: HttpReply): void {
  const bytes = Buffer.from(reply.body);
  res.writeHead(reply.status, reply.headers.concat('Content-Length', String(bytes.length)));
  res.write(bytes.subarray(0, bytes.length >> 1), () => res.destroy());
}

/** Answers on a socket whose upgrade is refused. */
export function refuseUpgrade(socket: Duplex, reply: HttpReply): void {
  const lines = [`HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? 'Refused'}`];
  for (let i = 0; i + 1 < reply.headers.length; i += 2) lines.push(`${reply.headers[i]}: ${reply.headers[i + 1]}`);
  lines.push(`Content-Length: ${Buffer.byteLength(reply.body)}`, 'Connection: close', '', reply.body);
  socket.end(lines.join('\r\n'));
}
