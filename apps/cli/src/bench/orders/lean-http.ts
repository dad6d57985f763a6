import { connect, type Socket } from 'node:net';

/**
 * A client for load only: one request at a time per socket, HTTP/1.1 with a `content-length` on every answer. On a machine with two
 * cores the generator takes from what it measures, so it does nothing that it need not.
 */
export class LeanClient {
  private readonly idle: LeanSocket[] = [];

  constructor(
    private readonly host: string,
    private readonly port: number,
    /** Everything of the request up to the value of `content-length`. */
    private readonly head: string,
  ) {}

  /** @returns status and body. @throws when the connection fails or the answer is not understood. */
  async post(body: string): Promise<{ readonly status: number; readonly body: string }> {
    const socket = this.idle.pop() ?? new LeanSocket(connect({ host: this.host, port: this.port, noDelay: true }));
    const answer = await socket.exchange(`${this.head}${Buffer.byteLength(body)}\r\n\r\n${body}`);
    this.idle.push(socket);
    return answer;
  }

  close(): void {
    for (const socket of this.idle.splice(0)) socket.close();
  }
}

const LENGTH = /\r\ncontent-length: *(\d+)/i;
const STATUS_AT = 'HTTP/1.1 '.length;

interface Waiting {
  readonly resolve: (answer: { readonly status: number; readonly body: string }) => void;
  readonly reject: (failure: Error) => void;
}

class LeanSocket {
  private received = '';
  private waiting: Waiting | null = null;

  constructor(private readonly socket: Socket) {
    // Latin-1 keeps one character per byte, so that lengths can be compared; what is compared here is ASCII.
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.take(text));
    socket.on('error', (failure) => this.fail(failure));
    socket.on('close', () => this.fail(new Error('the connection was closed')));
  }

  exchange(request: string): Promise<{ readonly status: number; readonly body: string }> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private take(text: string): void {
    this.received += text;
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = LENGTH.exec(this.received)?.[1];
    if (length === undefined) return this.fail(new Error('an answer without content-length'));
    const total = end + 4 + Number.parseInt(length, 10);
    if (this.received.length < total) return;
    const answer = {
      status: Number.parseInt(this.received.slice(STATUS_AT, STATUS_AT + 3), 10),
      body: this.received.slice(end + 4, total),
    };
    this.received = this.received.slice(total);
    const { waiting } = this;
    this.waiting = null;
    waiting?.resolve(answer);
  }

  private fail(failure: Error): void {
    this.socket.destroy();
    const { waiting } = this;
    this.waiting = null;
    waiting?.reject(failure);
  }
}
