import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault, FaultBoard } from '../faults/index.js';
import { writeReply, writeTruncated } from './http-reply.js';
import type { HttpReply, VenueProtocol } from './protocol.js';

/** One HTTP exchange that a fault has struck. `execute` carries the request out and answers what the venue would have said. */
export interface StruckCall {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly fault: Fault;
  readonly board: FaultBoard;
  readonly protocol: VenueProtocol;
  readonly execute: () => HttpReply;
  /** Runs an action after some ms, unless the simulator is reset or closed before. */
  readonly later: (delayMs: number, action: () => void) => void;
}

const GARBAGE = '\u0001\u0002 this is not what you asked for {"code": [';

/** Makes one HTTP request go wrong in the way of its fault. */
export function answerStruck(call: StruckCall): void {
  const { req, res, fault, protocol, execute, later } = call;
  const delayMs = fault.delayMs ?? 0;
  const done = fault.executed ? execute() : null;
  switch (fault.kind) {
    case 'drop-request':
      return later(delayMs, () => req.socket.destroy());
    case 'drop-response':
      if (done === null) execute();
      return later(delayMs, () => req.socket.destroy());
    case 'delay':
      return later(delayMs, () => writeReply(res, done ?? execute()));
    case 'http-status': {
      const usual = protocol.statusReply(fault.status ?? 500);
      const reply = fault.body === null ? usual : { ...usual, body: fault.body };
      return later(delayMs, () => writeReply(res, reply));
    }
    case 'reset':
      return later(delayMs, () => req.socket.resetAndDestroy());
    case 'truncate':
      return writeTruncated(res, done ?? execute());
    case 'garbage':
      return writeReply(res, { ...(done ?? execute()), body: fault.body ?? GARBAGE });
    case 'ban':
      return writeReply(res, protocol.banReply(call.board.banUntilMs(fault)));
    case 'maintenance':
      return writeReply(res, protocol.maintenanceReply());
    default:
      return writeReply(res, done ?? execute());
  }
}
