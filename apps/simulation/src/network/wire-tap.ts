import { createHash, hash } from 'node:crypto';
import type { FaultKind } from './fault-plan.js';

/** One arrival of a request at the venue. A duplicated request has two. */
export interface WireDelivery {
  /** True time since the start, ms. */
  readonly atMs: number;
  /** The venue's wall clock, ms since 1970. */
  readonly venueMs: number;
  /** What the venue answered, before anything happened to the answer. */
  readonly status: number;
  /** The order that this arrival brought to life. */
  readonly acceptedOrderId: string | null;
  readonly fault: FaultKind | null;
}

export interface WrittenRequest {
  readonly replica: string;
  /** True time since the start, ms. */
  readonly atMs: number;
  readonly replicaWallMs: number;
  readonly replicaMonotonicMs: number;
  /** The venue's wall clock at this moment, ms since 1970. */
  readonly venueMs: number;
  readonly method: string;
  /** Path and query, as written. */
  readonly target: string;
  readonly body: string | null;
  readonly fault: FaultKind | null;
}

/** A request of which the first byte has left a replica. */
export class WireRecord {
  readonly deliveries: WireDelivery[] = [];
  /** What the replica was told: a status, or why there is none; `null` while it waits, and for ever where it died. */
  outcome: string | null = null;
  private knownHash: string | null = null;
  private knownParameters: ReadonlyMap<string, string> | null = null;

  constructor(
    /** From 1, in the order of writing. */
    readonly number: number,
    readonly written: WrittenRequest,
  ) {}

  get replica(): string {
    return this.written.replica;
  }

  get atMs(): number {
    return this.written.atMs;
  }

  get method(): string {
    return this.written.method;
  }

  /** Without the query. */
  get path(): string {
    const { target } = this.written;
    const mark = target.indexOf('?');
    return mark < 0 ? target : target.slice(0, mark);
  }

  /** SHA-256 as the adapter computes it of what it prepares. */
  get hash(): string {
    this.knownHash ??= hash('sha256', `${this.method} ${this.written.target}\n${this.written.body ?? ''}`, 'hex');
    return this.knownHash;
  }

  /** Whether it asks the venue to do something. */
  get isCommand(): boolean {
    return this.method !== 'GET';
  }

  get symbol(): string | null {
    return this.parameter('symbol');
  }

  /** Of the order that it places, or names. */
  get clientOrderId(): string | null {
    return this.parameter('newClientOrderId') ?? this.parameter('origClientOrderId');
  }

  /** As signed, ms of the venue's clock. */
  get timestamp(): number | null {
    return whole(this.parameter('timestamp'));
  }

  get recvWindow(): number | null {
    return whole(this.parameter('recvWindow'));
  }

  /** The first order that it brought to life. */
  get acceptedOrderId(): string | null {
    return this.deliveries.find(({ acceptedOrderId }) => acceptedOrderId !== null)?.acceptedOrderId ?? null;
  }

  parameter(name: string): string | null {
    this.knownParameters ??= parametersOf(this.written.body ?? this.written.target.slice(this.path.length + 1));
    return this.knownParameters.get(name) ?? null;
  }

  /** Everything about it on one line, for comparing runs. */
  line(): string {
    const { written, deliveries, outcome } = this;
    const arrived = deliveries.map((one) => `${one.atMs}:${one.status}:${one.acceptedOrderId}:${one.fault}`).join(',');
    const { replica, atMs, replicaWallMs, venueMs, method, target, body, fault } = written;
    return `${this.number} ${replica} ${atMs} ${replicaWallMs} ${venueMs} ${method} ${target} ${body ?? ''} ${fault} [${arrived}] ${outcome}`;
  }
}

/** Every request that any replica has written, in order, with what the venue did with it: the evidence of the checkers. */
export class WireTap {
  readonly records: WireRecord[] = [];

  wrote(written: WrittenRequest): WireRecord {
    const record = new WireRecord(this.records.length + 1, written);
    this.records.push(record);
    return record;
  }

  commands(): readonly WireRecord[] {
    return this.records.filter(({ isCommand }) => isCommand);
  }

  /** The same for the same seed and the same code. */
  digest(): string {
    const digest = createHash('sha256');
    for (const record of this.records) digest.update(`${record.line()}\n`);
    return digest.digest('hex');
  }
}

function parametersOf(text: string): ReadonlyMap<string, string> {
  return new Map(new URLSearchParams(text));
}

function whole(text: string | null): number | null {
  return text === null ? null : Number.parseInt(text, 10);
}
