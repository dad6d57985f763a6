import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ProblemException, Public } from '#libs/http';
import { STREAM_PATH } from '../application/stream-access.js';

const UPGRADE_REQUIRED = 426;

/** What an ordinary request to the stream's address is told, and what the API description says of it. Upgrades never come here. */
@ApiTags('stream')
@Controller(STREAM_PATH)
export class StreamController {
  @Get()
  @Public()
  @ApiOperation({
    summary: 'Orders, fills, balances, market data and health as they happen, over a WebSocket',
    description:
      'Connect with `Authorization: Bearer <key>`, or send `{"op":"auth","key":"…"}` first. Then `{"op":"subscribe","id":1,"channel":"orders","account":"…"}`; ' +
      'channels are `orders`, `fills`, `balances`, `book`, `trades`, `ticker` and `health`. docs/stream.md describes the messages.',
  })
  @ApiResponse({ status: 101, description: 'The connection is a WebSocket from now on.' })
  @ApiResponse({ status: UPGRADE_REQUIRED, description: 'This was not a WebSocket request.' })
  refuse(): never {
    throw new ProblemException('invalid-request', 'this is a WebSocket: connect with ws:// or wss://', {
      status: UPGRADE_REQUIRED,
      headers: { Upgrade: 'websocket', Connection: 'Upgrade' },
    });
  }
}
