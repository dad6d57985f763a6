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

const MS_PER_SECOND = 1_000;
const SECONDS_KEPT_MAX = 64;
/** Text of whole seconds: a busy process writes the same few again and again, and `toISOString` is dear. */
const secondTexts = new Map<number, string>();

/** RFC 3339 UTC with milliseconds. @param ms - whole milliseconds since 1970. */
export function timeText(ms: number): string {
  const second = Math.floor(ms / MS_PER_SECOND);
  let text = secondTexts.get(second);
  if (text === undefined) {
    text = new Date(second * MS_PER_SECOND).toISOString().slice(0, -4);
    if (secondTexts.size >= SECONDS_KEPT_MAX) secondTexts.clear();
    secondTexts.set(second, text);
  }
  const rest = ms - second * MS_PER_SECOND;
  return `${text}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`;
}
