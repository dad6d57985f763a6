/** What the venue uses of a WebSocket it has accepted. The class of `ws` fits, and so does `MemorySocket`. */
export interface VenueSocket {
  /** As the standard numbers it: 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  readonly bufferedAmount: number;
  on(event: 'message' | 'ping' | 'pong', listener: (data: Buffer) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  send(text: string): void;
  ping(data: string): void;
  pong(data: Buffer): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** Gathers what is written between the two calls into one write. A network socket does. */
export interface Corkable {
  cork(): void;
  uncork(): void;
}

export const SOCKET_OPEN = 1;
