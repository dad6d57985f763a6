/** What can be broken on purpose. Requests and sockets go wrong in different ways; `clock-skew` bends the venue's clock. */
export const REQUEST_FAULT_KINDS = [
  'drop-request',
  'drop-response',
  'delay',
  'http-status',
  'reset',
  'truncate',
  'garbage',
  'ban',
  'maintenance',
] as const;
export const EVENT_FAULT_KINDS = [
  'duplicate-event',
  'reorder-events',
  'drop-event',
  'disconnect-ws',
  'stall-ws',
  'sequence-gap',
  'bad-checksum',
] as const;
export const CLOCK_FAULT_KINDS = ['clock-skew'] as const;
export const FAULT_KINDS = [...REQUEST_FAULT_KINDS, ...EVENT_FAULT_KINDS, ...CLOCK_FAULT_KINDS] as const;

export type RequestFaultKind = (typeof REQUEST_FAULT_KINDS)[number];
export type EventFaultKind = (typeof EVENT_FAULT_KINDS)[number];
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Narrows a fault; an absent part matches everything. */
export interface FaultMatch {
  readonly method?: string;
  readonly path?: string;
  readonly account?: string;
}

/** A fault as it was asked for, all defaults filled in. */
export interface FaultOrder {
  readonly venue: string;
  readonly kind: FaultKind;
  readonly match: FaultMatch;
  /** 0…1, decided by the seeded source. */
  readonly probability: number;
  /** How often it may still strike; `null` is without end. */
  readonly count: number | null;
  readonly delayMs: number | null;
  /** HTTP status of `http-status`. */
  readonly status: number | null;
  readonly skewMs: number;
  /** Whether the request is carried out before it goes wrong (`http-status`, `reset`, `delay`). */
  readonly executed: boolean;
  /** Body of `http-status`, in place of the venue's usual one. */
  readonly body: string | null;
}

export interface Fault extends FaultOrder {
  readonly id: number;
  readonly createdAtMs: number;
  /** How often it has struck. */
  fired: number;
}

/**
 * What a fault is matched against. A request or an event can go by several names: a WebSocket method and the REST route that
 * does the same, a stream name and the path of its socket.
 */
export interface FaultTarget {
  readonly methods: readonly string[];
  readonly paths: readonly string[];
  readonly accounts: readonly string[];
}

/** `method` compares without case, `path` is a part of one of the paths, `account` is exact. */
export function faultMatches(match: FaultMatch, target: FaultTarget): boolean {
  if (match.method !== undefined) {
    const wanted = match.method.toLowerCase();
    if (!target.methods.some((method) => method.toLowerCase() === wanted)) return false;
  }
  if (match.path !== undefined) {
    const wanted = match.path;
    if (!target.paths.some((path) => path.includes(wanted))) return false;
  }
  if (match.account !== undefined && !target.accounts.includes(match.account)) return false;
  return true;
}
