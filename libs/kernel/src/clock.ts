/** Time comes in as a port, so that tests and the simulation can own it. Abstract class: type and DI token in one. */
export abstract class Clock {
  /** Wall clock, milliseconds since 1970 UTC, whole. May jump. */
  abstract nowMs(): number;
  /** Milliseconds on a clock that never goes back; only differences mean something. */
  abstract monotonicMs(): number;
}

export class SystemClock extends Clock {
  nowMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }
}

/** A clock that moves only when told to. */
export class ManualClock extends Clock {
  constructor(private currentMs = 1_700_000_000_000) {
    super();
  }

  nowMs(): number {
    return this.currentMs;
  }

  monotonicMs(): number {
    return this.currentMs;
  }

  advance(ms: number): void {
    this.currentMs += ms;
  }
}

/** RFC 3339 UTC with milliseconds. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
