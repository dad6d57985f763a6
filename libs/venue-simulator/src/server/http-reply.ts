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

/** A whole answer as text, with the headers that the HTTP server would add. */
export function fastReplyText(reply: HttpReply, date: string, idleMs: number): { text: string; encoding: 'latin1' | 'utf8' } {
  const { headers, body, status } = reply;
  const bytes = Buffer.byteLength(body);
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  const kept = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(idleMs / 1_000)}`;
  const text = `${head}Content-Length: ${bytes}\r\nDate: ${date}\r\n${kept}\r\n\r\n${body}`;
  return { text, encoding: bytes === body.length ? 'latin1' : 'utf8' };
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
