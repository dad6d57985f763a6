import type { Socket } from 'node:net';
import { fastReplyText } from './http-reply.js';
import { readPlainRequest } from './plain-request.js';
import type { PlainRequest } from './plain-request.js';
import type { HttpReply } from './protocol.js';
import type { ReplyQueue } from './reply-queue.js';

/** What a fast lane needs of the server. */
export interface FastLaneHost {
  readonly replies: ReplyQueue;
  readonly idleMs: number;
  /** The answer to a plain request; `null`, with nothing done, where the request has to go the long way. */
  answer(request: PlainRequest, socket: Socket): HttpReply | null;
  /** Gives the connection to the full HTTP server, with what came and was not answered. */
  handOver(socket: Socket, unanswered: Buffer): void;
  /** The value of `Date`. */
  date(): string;
  left(lane: FastLane): void;
}

/**
 * One connection, as long as nothing but plain requests comes over it, one at a time. Reading and answering them here costs a fraction of
 * the full HTTP server's streams, events and timers; the first request that is not plain takes the connection there for good.
 */
export class FastLane {
  private unread: Buffer | null = null;
  private isAnswering = false;
  private hasEnded = false;

  constructor(
    private readonly socket: Socket,
    private readonly host: FastLaneHost,
  ) {
    socket.on('data', this.onData);
    socket.on('end', this.onEnd);
    socket.on('error', this.onError);
    socket.on('close', this.onClose);
    socket.on('timeout', this.onTimeout);
    socket.setTimeout(host.idleMs);
  }

  /** Called by the queue at the end of the turn. */
  write(reply: HttpReply): void {
    this.isAnswering = false;
    if (this.socket.destroyed) return;
    const { text, encoding } = fastReplyText(reply, this.host.date(), this.host.idleMs);
    this.socket.write(text, encoding);
    if (this.hasEnded) this.socket.end();
    // Whoever sends the next request before the answer to the last one is served by the full server.
    else if (this.unread !== null) this.leave(this.unread);
  }

  destroy(): void {
    this.socket.destroy();
  }

  private readonly onData = (chunk: Buffer): void => {
    const bytes = this.unread === null ? chunk : Buffer.concat([this.unread, chunk]);
    this.unread = bytes;
    if (this.isAnswering) return;
    const request = readPlainRequest(bytes);
    if (request === 'more') return;
    const reply = request === 'unusual' ? null : this.host.answer(request, this.socket);
    if (reply === null) return this.leave(bytes);
    this.unread = null;
    this.isAnswering = true;
    this.host.replies.add(this, reply);
  };

  private readonly onEnd = (): void => {
    this.hasEnded = true;
    if (!this.isAnswering) this.socket.end();
  };

  private readonly onError = (): void => this.destroy();

  private readonly onClose = (): void => this.host.left(this);

  private readonly onTimeout = (): void => {
    if (!this.isAnswering) this.destroy();
  };

  private leave(unanswered: Buffer): void {
    const { socket } = this;
    socket.off('data', this.onData);
    socket.off('end', this.onEnd);
    socket.off('error', this.onError);
    socket.off('close', this.onClose);
    socket.off('timeout', this.onTimeout);
    socket.setTimeout(0);
    this.host.left(this);
    this.host.handOver(socket, unanswered);
  }
}
