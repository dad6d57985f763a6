import { EVENT_FAULT_KINDS, REQUEST_FAULT_KINDS, faultMatches } from './fault.js';
import type { Fault, FaultKind, FaultOrder, FaultTarget } from './fault.js';
import { seededRandom } from './seeded-random.js';

const BAN_MS_DEFAULT = 120_000;
const FAULTS_MAX = 1_000;

const REQUEST_KINDS: ReadonlySet<FaultKind> = new Set(REQUEST_FAULT_KINDS);
const EVENT_KINDS: ReadonlySet<FaultKind> = new Set(EVENT_FAULT_KINDS);
/** These break requests, and events only where `match` names a method or a path, so that one fault does one thing. */
const BOTH_KINDS: ReadonlySet<FaultKind> = new Set(['delay', 'truncate', 'garbage']);

/** The faults that are set, in the order in which they were set; the first that matches strikes. */
export class FaultBoard {
  private faults: Fault[] = [];
  private nextId = 1;
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = seededRandom(seed ^ 0x5eed);
  }

  /** @throws {RangeError} when the board is full. */
  add(order: FaultOrder, nowMs: number): Fault {
    if (this.faults.length >= FAULTS_MAX) throw new RangeError(`at most ${FAULTS_MAX} faults at a time`);
    const fault: Fault = { ...order, id: this.nextId++, createdAtMs: nowMs, fired: 0 };
    this.faults.push(fault);
    return fault;
  }

  /** Takes faults off: all, or the one with this id. Answers those removed. */
  clear(id: number | null = null): readonly Fault[] {
    const removed = this.faults.filter((fault) => id === null || fault.id === id);
    this.faults = this.faults.filter((fault) => !removed.includes(fault));
    return removed;
  }

  list(): readonly Fault[] {
    return this.faults;
  }

  get isEmpty(): boolean {
    return this.faults.length === 0;
  }

  /** The fault that strikes this request, already counted; `undefined` for none. */
  strikeRequest(venue: string, target: FaultTarget, nowMs: number, kinds: ReadonlySet<FaultKind> = REQUEST_KINDS): Fault | undefined {
    this.dropExpiredBans(nowMs);
    return this.strike((fault) => fault.venue === venue && kinds.has(fault.kind) && faultMatches(fault.match, target));
  }

  /** The fault that strikes this outgoing event, already counted. `sequence-gap` strikes only `sequenced` events. */
  strikeEvent(venue: string, target: FaultTarget, sequenced: boolean): Fault | undefined {
    return this.strike((fault) => {
      if (fault.venue !== venue || (fault.kind === 'sequence-gap' && !sequenced)) return false;
      const named = fault.match.method !== undefined || fault.match.path !== undefined;
      const applies = EVENT_KINDS.has(fault.kind) || (BOTH_KINDS.has(fault.kind) && named);
      return applies && fault.kind !== 'bad-checksum' && faultMatches(fault.match, target);
    });
  }

  /** Counts one strike of a fault that is carried out from outside. */
  spend(fault: Fault): void {
    fault.fired += 1;
    if (fault.count !== null && fault.fired >= fault.count) this.clear(fault.id);
  }

  /** Sum of the clock faults of a venue, ms; positive: the venue's clock is ahead. */
  skewMs(venue: string): number {
    let total = 0;
    for (const fault of this.faults) if (fault.kind === 'clock-skew' && fault.venue === venue) total += fault.skewMs;
    return total;
  }

  /** When a `ban` fault ends, ms since 1970. */
  banUntilMs(fault: Fault): number {
    return fault.createdAtMs + (fault.delayMs ?? BAN_MS_DEFAULT);
  }

  private dropExpiredBans(nowMs: number): void {
    for (const fault of this.faults) if (fault.kind === 'ban' && nowMs >= this.banUntilMs(fault)) this.clear(fault.id);
  }

  private strike(fits: (fault: Fault) => boolean): Fault | undefined {
    for (const fault of this.faults) {
      if (!fits(fault)) continue;
      if (fault.probability < 1 && this.random() >= fault.probability) continue;
      this.spend(fault);
      return fault;
    }
    return undefined;
  }
}
