import type { IncomingMessage } from 'node:http';
import { Inject } from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import type { OnGatewayConnection } from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import { StreamServer } from './stream-server.js';
import type { Admission } from './stream-server.js';

/** `/v1/stream` as the framework sees it: a gateway whose clients were let in at the upgrade. */
@WebSocketGateway()
export class StreamGateway implements OnGatewayConnection<WebSocket> {
  constructor(@Inject(StreamServer) private readonly server: StreamServer) {}

  handleConnection(client: WebSocket, _request: IncomingMessage, admission: Admission): void {
    this.server.welcome(client, admission);
  }
}
