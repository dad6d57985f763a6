/** One reading of a venue's clock: our monotonic clock before and after, and what the venue said in between. All ms. */
export interface ClockSample {
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
  readonly venueTimeMs: number;
}

interface Reading {
  readonly offsetMs: number;
  readonly errorMs: number;
  readonly takenAtMs: number;
}

export interface ClockOffsetOptions {
  /** Samples that took longer are too vague to be used, ms. */
  readonly roundTripMaxMs?: number;
  /** Older readings are forgotten, ms. */
  readonly ageMaxMs?: number;
  readonly samplesMax?: number;
}

/** Clocks drift apart by at most this much per ms of age (100 parts per million). */
const DRIFT = 0.000_1;

/**
 * How far a venue's clock is from our monotonic clock, from the quickest of the last samples. Pure: time comes in. Our own wall clock plays
 * no part, so that whoever sets it changes nothing.
 * A sample that cannot be true together with the best one means that the venue's clock was set: older ones are forgotten then.
 */
export class ClockOffset {
  private readings: Reading[] = [];
  private best: Reading | null = null;
  private readonly roundTripMaxMs: number;
  private readonly ageMaxMs: number;
  private readonly samplesMax: number;

  constructor(options: ClockOffsetOptions = {}) {
    this.roundTripMaxMs = options.roundTripMaxMs ?? 2_000;
    this.ageMaxMs = options.ageMaxMs ?? 900_000;
    this.samplesMax = options.samplesMax ?? 16;
  }

  /** @returns whether the sample was used. */
  add(sample: ClockSample): boolean {
    const roundTripMs = sample.receivedAtMs - sample.sentAtMs;
    if (roundTripMs < 0 || roundTripMs > this.roundTripMaxMs || !Number.isFinite(sample.venueTimeMs)) return false;
    const reading: Reading = {
      offsetMs: sample.venueTimeMs - (sample.sentAtMs + sample.receivedAtMs) / 2,
      // The venue's clock is read to the millisecond, and so is ours, twice; the offset is rounded once more.
      errorMs: roundTripMs / 2 + 1.5,
      takenAtMs: sample.receivedAtMs,
    };
    this.readings = this.readings.filter((other) => agree(reading, other) && reading.takenAtMs - other.takenAtMs <= this.ageMaxMs);
    this.readings.push(reading);
    if (this.readings.length > this.samplesMax) this.readings.shift();
    this.best = bestOf(this.readings);
    return true;
  }

  /** Venue clock minus our monotonic clock, whole ms; `null` before the first good sample. */
  get offsetMs(): number | null {
    // Rounding may give minus zero, which nobody wants to see.
    return this.best === null ? null : Math.round(this.best.offsetMs) || 0;
  }

  /** How wrong `offsetMs` may be, either way, ms. */
  get errorMs(): number {
    return Math.ceil(this.best?.errorMs ?? 0);
  }

  /** The timestamp to put on a request sent at this monotonic moment: the venue's time at the earliest, so that it is never ahead of the venue. */
  venueTimeAtLeast(nowMs: number): number {
    return Math.floor(nowMs + (this.offsetMs ?? 0) - this.errorMs);
  }

  /** The latest moment on our monotonic clock at which the venue's clock can still show `venueMs`. */
  monotonicAtMost(venueMs: number): number {
    return Math.ceil(venueMs - (this.offsetMs ?? 0) + this.errorMs);
  }
}

/** The reading with the smallest possible error now; the younger of equal ones. */
function bestOf(readings: readonly Reading[]): Reading | null {
  const latestMs = readings.at(-1)?.takenAtMs ?? 0;
  let best: Reading | null = null;
  for (const reading of readings) {
    const errorMs = reading.errorMs + (latestMs - reading.takenAtMs) * DRIFT;
    if (best === null || errorMs <= best.errorMs) best = { ...reading, errorMs };
  }
  return best;
}

/** Whether both readings can be true of one steady clock. */
function agree(a: Reading, b: Reading): boolean {
  const drift = Math.abs(a.takenAtMs - b.takenAtMs) * DRIFT;
  return Math.abs(a.offsetMs - b.offsetMs) <= a.errorMs + b.errorMs + drift;
}
