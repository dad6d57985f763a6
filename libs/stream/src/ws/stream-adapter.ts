import type { INestApplication } from '@nestjs/common';
import { AbstractWsAdapter } from '@nestjs/websockets';
import type { WebSocketServer } from 'ws';
import { StreamServer } from './stream-server.js';

/**
 * Lets the framework's gateways stand on the stream's own WebSocket server, which decides at the upgrade who comes in, and which has limits,
 * back-pressure and a drain that a general adapter has not.
 */
class StreamAdapter extends AbstractWsAdapter {
  constructor(private readonly app: INestApplication) {
    super(app);
  }

  override create(): WebSocketServer {
    return this.app.get(StreamServer).sockets;
  }

  /** Messages are read by the connection itself: they are not events with handlers, but a protocol with an order. */
  override bindMessageHandlers(): void {}

  /** The server sees its clients off when the gateway drains. */
  override close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Before the application is initialised. */
export function useStreamAdapter(app: INestApplication): void {
  app.useWebSocketAdapter(new StreamAdapter(app));
}
