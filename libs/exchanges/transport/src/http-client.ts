import { Pool, type Dispatcher } from 'undici';
import { TransportError, type TransportFailure } from './transport-error.js';

export interface HttpClientOptions {
  /** Scheme, host, port, and a path prefix where there is one: `https://api.example.com`, `http://127.0.0.1:4010/venue`. */
  readonly baseUrl: string;
  /** Sockets kept open at most; each carries one request at a time. */
  readonly connections?: number;
  /** DNS, TCP and TLS together, ms. */
  readonly connectTimeoutMs?: number;
  /** An idle socket is dropped after this long, ms: before the other side does, or a request may meet a closing socket. */
  readonly keepAliveMs?: number;
  readonly answerBytesMax?: number;
  /** Requests under way and waiting for a socket, at most; more are refused unsent. */
  readonly pendingMax?: number;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query below the base address, percent-encoded, exactly as signed. */
  readonly path: string;
  readonly body: string | null;
  /** Names and values in turn. */
  readonly headers: string[];
  /** For everything: waiting for a socket, connecting, sending, reading. ms. */
  readonly deadlineMs: number;
  /** The first byte is written within this time or never (`not-sent`), ms; for requests that must not start late. */
  readonly writeWithinMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** What an adapter needs of HTTP. A port: the simulation puts its own network behind it. */
export interface HttpTransport {
  /** One attempt. @throws TransportError */
  request(request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}

const DEFAULTS = {
  connections: 64,
  connectTimeoutMs: 3_000,
  keepAliveMs: 20_000,
  answerBytesMax: 32 * 1024 * 1024,
  pendingMax: 2_048,
} as const;

/**
 * One attempt per call: no retry, no redirect, no pipelining. A failure says whether the request can have reached the
 * other side: before its first byte was handed to a connected socket it cannot (`not-sent`), afterwards it may (`unknown`).
 */
export class HttpClient implements HttpTransport {
  private readonly pool: Pool;
  /** Path prefix of the base address, without a slash at its end. */
  readonly prefix: string;
  private readonly answerBytesMax: number;
  private readonly pendingMax: number;
  private pending = 0;

  constructor(options: HttpClientOptions) {
    const url = new URL(options.baseUrl);
    this.prefix = url.pathname.replace(/\/+$/, '');
    this.answerBytesMax = options.answerBytesMax ?? DEFAULTS.answerBytesMax;
    this.pendingMax = options.pendingMax ?? DEFAULTS.pendingMax;
    const keepAliveMs = options.keepAliveMs ?? DEFAULTS.keepAliveMs;
    this.pool = new Pool(url.origin, {
      connections: options.connections ?? DEFAULTS.connections,
      pipelining: 1,
      allowH2: false,
      connect: { timeout: options.connectTimeoutMs ?? DEFAULTS.connectTimeoutMs },
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      // Our own deadline covers both, to the millisecond.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** @throws TransportError */
  request(request: HttpRequest): Promise<HttpAnswer> {
    if (this.pending >= this.pendingMax) return Promise.reject(new TransportError('busy', 'not-sent'));
    this.pending += 1;
    return new Promise<HttpAnswer>((resolve, reject) => {
      const attempt = new Attempt(this.answerBytesMax, request, (answer, error) => {
        this.pending -= 1;
        if (answer !== null) resolve(answer);
        else reject(error!);
      });
      this.pool.dispatch(
        {
          path: this.prefix + request.path,
          method: request.method,
          body: request.body,
          headers: request.headers,
          idempotent: false,
        },
        attempt,
      );
    });
  }

  /** Breaks what is under way (`unknown` or `not-sent` to its caller) and frees all sockets. Safe to call twice. */
  async close(): Promise<void> {
    if (!this.pool.destroyed) await this.pool.destroy();
  }
}

type Settle = (answer: HttpAnswer | null, error: TransportError | null) => void;

/** What undici tells us about one request. `onRequestStart` is the last moment before the first byte is written. */
class Attempt implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | null = null;
  private settled = false;
  private status = 0;
  private headers: HttpAnswer['headers'] = {};
  private first: Buffer | null = null;
  private rest: Buffer[] | null = null;
  private bytes = 0;
  private readonly timer: NodeJS.Timeout;

  private readonly writeBeforeMs: number;

  constructor(
    private readonly bytesMax: number,
    request: HttpRequest,
    private readonly settle: Settle,
  ) {
    this.timer = setTimeout(onDeadline, Math.max(0, request.deadlineMs), this);
    this.writeBeforeMs = request.writeWithinMs === undefined ? Infinity : performance.now() + request.writeWithinMs;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (performance.now() > this.writeBeforeMs) this.fail('deadline');
    if (this.settled) {
      controller.abort(new TransportError('deadline', 'not-sent'));
      return;
    }
    if (this.controller !== null) {
      // The library must never put a request on a second socket; should it try, nothing more is written.
      this.fail('broken-connection');
      controller.abort(new TransportError('broken-connection', 'unknown'));
      return;
    }
    this.controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: HttpAnswer['headers']): void {
    if (status < 200) return;
    this.status = status;
    this.headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > this.bytesMax) {
      this.fail('answer-too-large');
      controller.abort(new TransportError('answer-too-large', 'unknown'));
      return;
    }
    if (this.first === null) this.first = chunk;
    else (this.rest ??= []).push(chunk);
  }

  onResponseEnd(): void {
    if (this.settled) return;
    this.finish();
    this.settle({ status: this.status, headers: this.headers, body: this.text() }, null);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.fail(failureOf(error, this.controller !== null, this.status > 0), error);
  }

  deadlinePassed(): void {
    this.fail('deadline');
    this.controller?.abort(new TransportError('deadline', 'unknown'));
  }

  private text(): string {
    if (this.first === null) return '';
    return this.rest === null ? this.first.toString('utf8') : Buffer.concat([this.first, ...this.rest]).toString('utf8');
  }

  private fail(failure: TransportFailure, cause?: Error): void {
    if (this.settled) return;
    this.finish();
    this.settle(null, new TransportError(failure, this.controller === null ? 'not-sent' : 'unknown', cause));
  }

  private finish(): void {
    this.settled = true;
    clearTimeout(this.timer);
  }
}

function onDeadline(attempt: Attempt): void {
  attempt.deadlinePassed();
}

function failureOf(error: Error, started: boolean, answered: boolean): TransportFailure {
  if (!started) return 'no-connection';
  const name = error.name;
  if (name === 'HTTPParserError' || name === 'ResponseContentLengthMismatchError') return 'broken-answer';
  return answered ? 'broken-answer' : 'broken-connection';
}
