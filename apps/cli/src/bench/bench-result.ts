/** What one benchmark measured. Every figure is a ratio or a time against a baseline of the same run: absolute figures move with the machine. */
export interface BenchResult {
  /** `orders`, `book`, `start`. */
  readonly bench: string;
  /** How often each line was measured, interleaved with its baseline. */
  readonly runs: number;
  readonly lines: readonly BenchLine[];
}

export interface BenchLine {
  /** What was measured against what: `adapter CPU per order ÷ bare undici`. */
  readonly name: string;
  /** `×` for ratios; `ms`, `µs`, `/s` where a time or a rate is meant. */
  readonly unit: '×' | 'ms' | 'µs' | '/s' | 's';
  /** One value per run, in order of running. */
  readonly values: readonly number[];
  /** `null` for lines that only help to read the others, such as the baseline itself. */
  readonly goal: BenchGoal | null;
}

export interface BenchGoal {
  readonly limit: number;
  readonly sense: 'at-most' | 'at-least';
}

/** Progress and remarks for people; results go into the answer. */
export type BenchOut = (line: string) => void;

export interface BenchOptions {
  /** Runs of each line; at least 1, 5 where nothing else is asked. */
  readonly runs: number;
}

export const atMost = (limit: number): BenchGoal => ({ limit, sense: 'at-most' });
export const atLeast = (limit: number): BenchGoal => ({ limit, sense: 'at-least' });

/** The middle value; of two middle ones the worse is not guessed at, the mean is taken. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The value furthest from the goal; without a goal the largest. */
export function worst(line: BenchLine): number {
  return line.goal?.sense === 'at-least' ? Math.min(...line.values) : Math.max(...line.values);
}

/** The value at quantile `q` (0 to 1) by nearest rank; `NaN` of nothing. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}

/** Judged by the median: one disturbed run does not decide, and `worst` stands beside it. `null` where there is no goal. */
export function isMet(line: BenchLine): boolean | null {
  if (line.goal === null) return null;
  const value = median(line.values);
  return line.goal.sense === 'at-least' ? value >= line.goal.limit : value <= line.goal.limit;
}
