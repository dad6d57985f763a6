import type { AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import type { RunningGateway } from './running-gateway.js';

/** A message of the stream, read loosely: each test looks at what it is about. */
export interface StreamMessage {
  readonly op?: string;
  readonly id?: number | string | null;
  readonly channel?: string;
  readonly seq?: number;
  readonly type?: string;
  readonly data?: unknown;
  readonly ts?: string;
  readonly problem?: { readonly code: string; readonly detail: string; readonly status: number };
}

export function streamUrl(app: NestFastifyApplication): string {
  return `ws://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}/v1/stream`;
}

/** A client of the stream that keeps what it was told. */
export class StreamClient {
  readonly messages: StreamMessage[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;
  private waiters: (() => void)[] = [];

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => {
      this.messages.push(JSON.parse(data.toString()) as StreamMessage);
      this.wake();
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.wake();
    });
    socket.on('error', () => undefined);
  }

  /** Connects with the gateway's admin key unless told otherwise. */
  static async open(gateway: RunningGateway, options: ClientOptions = bearer(gateway.key)): Promise<StreamClient> {
    const client = new StreamClient(new WebSocket(streamUrl(gateway.app), options));
    await new Promise<void>((resolve, reject) => client.socket.once('open', resolve).once('error', reject));
    return client;
  }

  send(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Sends and waits for the answer to it. */
  async ask(message: { readonly id: number; readonly [property: string]: unknown }): Promise<StreamMessage> {
    this.send(message);
    return this.first((answer) => answer.op !== undefined && answer.id === message.id);
  }

  /** The messages of a channel so far. */
  of(channel: string): StreamMessage[] {
    return this.messages.filter((message) => message.op === undefined && message.channel === channel);
  }

  /** The first message of a channel. */
  async news(channel: string): Promise<StreamMessage> {
    await this.until(() => this.of(channel).length > 0);
    return this.of(channel)[0]!;
  }

  async first(wanted: (message: StreamMessage) => boolean, withinMs?: number): Promise<StreamMessage> {
    await this.until(() => this.messages.some(wanted), withinMs);
    return this.messages.find(wanted)!;
  }

  async until(isSo: () => boolean, withinMs = 10_000): Promise<void> {
    const untilMs = performance.now() + withinMs;
    while (!isSo()) {
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0)
        throw new Error(`not so within ${withinMs} ms; closed: ${JSON.stringify(this.closed)}; ${this.messages.length} messages`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.until(() => this.closed !== null);
  }

  private wake(): void {
    const { waiters } = this;
    this.waiters = [];
    for (const wake of waiters) wake();
  }
}

export function bearer(key: string): ClientOptions {
  return { headers: { Authorization: `Bearer ${key}` } };
}

/** What an HTTP answer to an upgrade says: its status, and the code of its problem. */
export function refusedUpgrade(url: string, options: ClientOptions): Promise<{ status: number; code: string }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, options);
    socket.on('open', () => reject(new Error('it was let in')));
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, code: (JSON.parse(body) as { code: string }).code }));
    });
  });
}
