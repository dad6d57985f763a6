import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { CloseReason } from '../application/close-reasons.js';
import type { Line } from '../application/connection.js';

const TEXT = { binary: false } as const;

/** A WebSocket as a line: nothing is copied for a client, and many messages go out in one system call. */
export class SocketLine implements Line {
  /** Messages that the network has taken. */
  taken = 0;
  private reason: CloseReason | null = null;
  private readonly wasTaken = (): void => {
    this.taken += 1;
    if (this.waitingBytes() < this.roomBytes) this.onRoom();
  };

  /**
   * @param socket - the one under the WebSocket.
   * @param roomBytes - with less than this waiting there is room again, and `onRoom` is called.
   */
  constructor(
    readonly client: WebSocket,
    private readonly socket: Duplex,
    private readonly roomBytes: number,
    private readonly onRoom: () => void,
    private readonly onClosing: (reason: CloseReason) => void,
  ) {}

  get isOpen(): boolean {
    return this.client.readyState === WebSocket.OPEN;
  }

  send(message: Buffer): void {
    if (this.isOpen) this.client.send(message, TEXT, this.wasTaken);
  }

  waitingBytes(): number {
    return this.client.bufferedAmount;
  }

  together(work: () => void): void {
    this.socket.cork();
    try {
      work();
    } finally {
      this.socket.uncork();
    }
  }

  close(reason: CloseReason): void {
    if (this.reason !== null || !this.isOpen) return;
    this.reason = reason;
    this.client.close(reason.code, reason.reason);
    this.onClosing(reason);
  }
}
