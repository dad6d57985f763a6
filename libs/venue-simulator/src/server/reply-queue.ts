import type { HttpReply } from './protocol.js';

/** Whoever writes an answer to its client. */
export interface ReplySink {
  write(reply: HttpReply): void;
}

interface Waiting {
  readonly sink: ReplySink;
  readonly reply: HttpReply;
}

/**
 * Answers wait here for the end of the turn of the event loop and leave one after the other: a client that is woken by the first reads
 * the rest at once, where answers written between two requests would wake it for each.
 */
export class ReplyQueue {
  private waiting: Waiting[] = [];
  private isScheduled = false;

  /** Called before a request is carried out, so that its answer leaves before the events that it causes. */
  schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.flush());
  }

  add(sink: ReplySink, reply: HttpReply): void {
    this.waiting.push({ sink, reply });
    this.schedule();
  }

  private flush(): void {
    this.isScheduled = false;
    const { waiting } = this;
    this.waiting = [];
    for (const { sink, reply } of waiting) sink.write(reply);
  }
}
