import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { faultMatches } from '../faults/index.js';
import type { Fault, FaultKind } from '../faults/index.js';
import { refuseUpgrade } from './http-reply.js';
import { LiveSocket } from './live-socket.js';
import type { UpgradeCall, VenueProtocol } from './protocol.js';
import type { SimulatorWorld } from './world.js';

const PAYLOAD_BYTES_MAX = 1024 * 1024;

/** Faults that can meet a handshake; the others need an answer to break. */
const HANDSHAKE_KINDS: ReadonlySet<FaultKind> = new Set(['drop-request', 'delay', 'http-status', 'reset', 'ban', 'maintenance']);

/** A WebSocket that wants in. */
export interface Handshake {
  readonly req: IncomingMessage;
  readonly raw: Duplex;
  readonly head: Buffer;
  readonly call: UpgradeCall;
  readonly protocol: VenueProtocol;
  readonly world: SimulatorWorld;
}

/** Does the WebSocket handshakes and knows every open socket. */
export class SocketHub {
  private readonly server = new WebSocketServer({
    noServer: true,
    maxPayload: PAYLOAD_BYTES_MAX,
    perMessageDeflate: false,
    autoPong: false,
  });
  private readonly open = new Set<LiveSocket>();

  constructor(private readonly onBug: (error: unknown) => void) {}

  upgrade(handshake: Handshake): void {
    const { call, protocol, world } = handshake;
    const target = { methods: ['GET', 'CONNECT'], paths: [call.path], accounts: [] };
    const fault = world.faults.isEmpty
      ? undefined
      : world.faults.strikeRequest(protocol.venue, target, world.clock.nowMs(), HANDSHAKE_KINDS);
    if (fault?.kind === 'delay') {
      setTimeout(() => this.accept(handshake), fault.delayMs ?? 0).unref();
      return;
    }
    if (fault !== undefined) return refuseStruck(handshake, fault);
    this.accept(handshake);
  }

  /** Breaks the open sockets that a fresh fault (`disconnect-ws`, `stall-ws`, `ban`) names; true when there were any. */
  strikeOpen(fault: Fault): boolean {
    if (fault.match.method !== undefined) return false;
    let struck = false;
    for (const socket of this.open) {
      if (socket.venue !== fault.venue || !faultMatches(fault.match, socket.target())) continue;
      struck = true;
      if (fault.kind === 'stall-ws') socket.stall(fault.delayMs);
      else socket.terminate();
    }
    return struck;
  }

  endStalls(): void {
    for (const socket of this.open) socket.endStall();
  }

  /** Cuts every socket off, without a closing handshake. */
  dropAll(): void {
    for (const socket of this.open) socket.terminate();
    this.open.clear();
  }

  get size(): number {
    return this.open.size;
  }

  private accept({ req, raw, head, call, protocol, world }: Handshake): void {
    if (raw.destroyed) return;
    const answer = protocol.handleUpgrade(call);
    if (typeof answer !== 'function') return refuseUpgrade(raw, answer);
    this.server.handleUpgrade(req, raw, head, (ws) => {
      const socket = new LiveSocket({
        ws,
        raw,
        venue: protocol.venue,
        path: call.path,
        ip: call.ip,
        openedAtMs: world.clock.nowMs(),
        faults: world.faults,
        timings: world.timings,
        scheduler: world.scheduler,
        onBug: this.onBug,
      });
      this.open.add(socket);
      socket.onClose(() => this.open.delete(socket));
      answer(socket);
    });
  }
}

function refuseStruck({ raw, protocol, world }: Handshake, fault: Fault): void {
  switch (fault.kind) {
    case 'http-status':
      return refuseUpgrade(raw, protocol.statusReply(fault.status ?? 503));
    case 'ban':
      return refuseUpgrade(raw, protocol.banReply(world.faults.banUntilMs(fault)));
    case 'maintenance':
      return refuseUpgrade(raw, protocol.maintenanceReply());
    default:
      raw.destroy();
  }
}
