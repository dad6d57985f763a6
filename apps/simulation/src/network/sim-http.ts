import { TransportError, type HttpAnswer, type HttpRequest, type HttpTransport, type TransportFailure } from '#libs/exchanges/transport';
import { htmlReply, type HttpCall, type HttpReply } from '#libs/venue-simulator';
import { HTTP_FAULTS, type FaultKind } from './fault-plan.js';
import type { Wire } from './wire.js';
import type { SimVenue } from './venue-faults.js';
import type { WireRecord } from './wire-tap.js';

/** As the real client has them. */
const CONNECT_TIMEOUT_MS = 3_000;
const KEEP_ALIVE_MS = 20_000;
const PENDING_MAX = 2_048;
const LATE_MS_MAX = 70_000;
const GARBAGE = '\u0001\u0002 this is not what you asked for {"code": [';

/** An HTTP client over the simulated network. It raises what the real one raises, with the same outcomes. */
export class SimHttp implements HttpTransport {
  private readonly attempts = new Set<Attempt>();
  private isClosed = false;
  /** Until when there is a connection that a request can be written to at once; monotonic, ms. */
  connectedUntilMs = -1;

  constructor(readonly wire: Wire) {}

  request(request: HttpRequest): Promise<HttpAnswer> {
    if (this.isClosed) return Promise.reject(new TransportError('no-connection', 'not-sent'));
    if (this.attempts.size >= PENDING_MAX) return Promise.reject(new TransportError('busy', 'not-sent'));
    return new Promise((resolve, reject) => {
      const attempt: Attempt = new Attempt(this, request, (answer, error) => {
        this.attempts.delete(attempt);
        if (answer !== null) resolve(answer);
        else reject(error!);
      });
      this.attempts.add(attempt);
      attempt.begin();
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    for (const attempt of this.attempts) attempt.fail('broken-connection', 'UND_ERR_DESTROYED');
  }
}

class Attempt {
  private readonly wire: Wire;
  private readonly fault: FaultKind | null;
  private readonly path: string;
  private readonly writeBeforeMs: number;
  private readonly stopDeadline: () => void;
  private record: WireRecord | null = null;
  private isSettled = false;

  constructor(
    private readonly client: SimHttp,
    private readonly request: HttpRequest,
    private readonly settle: (answer: HttpAnswer | null, error: TransportError | null) => void,
  ) {
    this.wire = client.wire;
    const { process, faults } = this.wire;
    const { method, path: target, deadlineMs, writeWithinMs } = request;
    this.path = target.split('?', 1)[0]!;
    this.fault = faults.draw(HTTP_FAULTS, { replica: process.name, method, path: this.path });
    this.writeBeforeMs = writeWithinMs === undefined ? Infinity : process.clock.monotonicMs() + writeWithinMs;
    this.stopDeadline = process.scheduler.after(deadlineMs, () => this.fail('deadline'));
  }

  /** Writes at once where there is a connection, else after the handshake. */
  begin(): void {
    const { process, random } = this.wire;
    if (this.fault === 'refused') return this.soon(this.wire.latencyMs(), () => this.fail('no-connection', 'ECONNREFUSED'));
    if (this.fault !== 'connect-slow' && this.client.connectedUntilMs > process.clock.monotonicMs()) return this.write();
    const isCut = this.wire.blocks('to-venue') || this.wire.blocks('from-venue');
    const slowMs = this.fault === 'connect-slow' ? random.between(10, CONNECT_TIMEOUT_MS + 500) : 0;
    const connectMs = this.wire.latencyMs() + this.wire.latencyMs() + slowMs;
    if (isCut || connectMs > CONNECT_TIMEOUT_MS) {
      this.soon(CONNECT_TIMEOUT_MS, () => this.fail('no-connection', 'UND_ERR_CONNECT_TIMEOUT'));
    } else this.soon(connectMs, () => this.write());
  }

  /** Before the first byte was written nothing can have arrived. */
  fail(failure: TransportFailure, code?: string): void {
    if (this.isSettled) return;
    // A client that gives a request up closes its connection.
    if (this.record !== null) this.client.connectedUntilMs = -1;
    this.finish(failure);
    const cause = code === undefined ? undefined : Object.assign(new Error(failure), { code });
    this.settle(null, new TransportError(failure, this.record === null ? 'not-sent' : 'unknown', cause));
  }

  private write(): void {
    const { process, time, venue, tap } = this.wire;
    const nowMs = process.clock.monotonicMs();
    if (nowMs > this.writeBeforeMs) return this.fail('deadline');
    if (this.isSettled) return;
    this.client.connectedUntilMs = nowMs + KEEP_ALIVE_MS;
    const { method, path, body } = this.request;
    this.record = tap.wrote({
      replica: process.name,
      atMs: time.elapsedMs,
      replicaWallMs: process.clock.nowMs(),
      replicaMonotonicMs: nowMs,
      venueMs: venue.nowMs,
      method,
      target: path,
      body,
      fault: this.fault,
    });
    this.travel(this.record);
  }

  /** The way to the venue. From here on the sender may die: what has left it goes on. */
  private travel(record: WireRecord): void {
    const { random, venue } = this.wire;
    const { fault } = this;
    if (this.wire.blocks('to-venue') || fault === 'request-lost') return;
    const wayMs = this.wire.latencyMs();
    if (fault === 'reset-before') return this.soon(2 * wayMs, () => this.fail('broken-connection', 'UND_ERR_SOCKET'));
    if (fault === 'html-403') return this.comeBack(htmlReply(403, 'Forbidden'), wayMs);
    if (fault === 'html-502-before') return this.comeBack(htmlReply(502, 'Bad Gateway'), wayMs);
    const lateMs = fault === 'request-late' ? random.between(100, LATE_MS_MAX) : fault === 'reordered' ? random.between(1, 500) : 0;
    venue.process.scheduler.after(wayMs + lateMs, () => this.arrive(record, true));
    if (fault === 'duplicated') venue.process.scheduler.after(wayMs + random.between(0, 5_000), () => this.arrive(record, false));
  }

  private arrive(record: WireRecord, isFirst: boolean): void {
    const { venue, time, process, ip } = this.wire;
    if (!isFirst && !mayArriveTwice(record, venue)) return;
    const answer = venue.http(this.call(ip), process.name, isFirst);
    const { reply, acceptedOrderId, fault, delayMs } = answer;
    record.deliveries.push({ atMs: time.elapsedMs, venueMs: venue.nowMs, status: reply.status, acceptedOrderId, fault });
    if (!isFirst) return;
    if (delayMs === 0) this.leave(reply);
    else venue.process.scheduler.after(delayMs, () => this.leave(reply));
  }

  /** The way back. */
  private leave(reply: HttpReply): void {
    const { random } = this.wire;
    if (this.wire.blocks('from-venue')) return;
    const wayMs = this.wire.latencyMs();
    const { deadlineMs } = this.request;
    switch (this.fault) {
      case 'response-lost':
        return;
      case 'response-late':
        return this.comeBack(reply, wayMs + deadlineMs * (1 + random.next()));
      case 'drip':
        return this.comeBack(reply, wayMs + deadlineMs * (0.2 + 1.4 * random.next()));
      case 'reset-after':
        return this.soon(wayMs, () => this.fail('broken-connection', 'UND_ERR_SOCKET'));
      case 'cut-body':
        return this.soon(wayMs, () => this.fail('broken-answer', 'UND_ERR_SOCKET'));
      case 'truncated':
        return this.comeBack({ ...reply, body: reply.body.slice(0, reply.body.length >> 1) }, wayMs);
      case 'garbage':
        return this.comeBack({ ...reply, body: GARBAGE }, wayMs);
      case 'html-502-after':
        return this.comeBack(htmlReply(502, 'Bad Gateway'), wayMs);
      default:
        return this.comeBack(reply, wayMs);
    }
  }

  private comeBack(reply: HttpReply, afterMs: number): void {
    this.soon(afterMs, () => {
      if (this.isSettled) return;
      this.finish(String(reply.status));
      this.settle({ status: reply.status, headers: headersOf(reply.headers), body: reply.body }, null);
    });
  }

  /** In the sender's process: late where it is paused, never where it is dead. */
  private soon(afterMs: number, task: () => void): void {
    this.wire.process.scheduler.after(afterMs, task);
  }

  private finish(outcome: string): void {
    this.isSettled = true;
    this.stopDeadline();
    if (this.record !== null) this.record.outcome = outcome;
  }

  private call(ip: string): HttpCall {
    const { method, path: target, body, headers } = this.request;
    return { method, path: this.path, query: target.slice(this.path.length + 1), body: body ?? '', headers: headersOf(headers), ip };
  }
}

/** Names and values in turn, as a record with names in lower case. */
function headersOf(list: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < list.length; at += 2) headers[list[at]!.toLowerCase()] = list[at + 1]!;
  return headers;
}

/**
 * An order that ends at once frees its client id, and whoever could put the same bytes on the wire once more would make a second order:
 * nothing that a client does could prevent it. Encrypted connections do: they take no record twice. So only what a venue would refuse, or
 * what changes nothing the second time, is delivered again.
 */
function mayArriveTwice(record: WireRecord, venue: SimVenue): boolean {
  if (record.method !== 'POST') return true;
  return venue.holdsOpen(record.clientOrderId ?? '');
}
