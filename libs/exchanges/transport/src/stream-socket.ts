import { WebSocket } from 'ws';

export const SOCKET_CONNECTING = 0;
export const SOCKET_CLOSED = 3;

export interface SocketOptions {
  readonly handshakeTimeoutMs: number;
  readonly messageBytesMax: number;
}

/** What a session uses of a WebSocket. The class of `ws` fits; the simulation brings its own. */
export interface StreamSocket {
  /** As the standard numbers it: 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Bytes handed over and not yet written. */
  readonly bufferedAmount: number;
  on(event: 'open' | 'ping' | 'pong', listener: () => void): unknown;
  on(event: 'message', listener: (data: Buffer) => void): unknown;
  on(event: 'close', listener: (code: number) => void): unknown;
  on(event: 'unexpected-response', listener: (request: unknown, response: { readonly statusCode?: number | undefined }) => void): unknown;
  on(event: 'error', listener: (error: Error & { code?: unknown }) => void): unknown;
  removeAllListeners(): unknown;
  send(text: string): void;
  ping(): void;
  /** Ends with the closing handshake. */
  close(code: number): void;
  /** Cuts the line at once. */
  terminate(): void;
}

/** Begins to connect. A port: the simulation puts its own network behind it. @throws where the address cannot be read. */
export type SocketFactory = (url: string, options: SocketOptions) => StreamSocket;

export const connectWebSocket: SocketFactory = (url, { handshakeTimeoutMs, messageBytesMax }) =>
  new WebSocket(url, {
    perMessageDeflate: false,
    skipUTF8Validation: true,
    followRedirects: false,
    handshakeTimeout: handshakeTimeoutMs,
    maxPayload: messageBytesMax,
  });
