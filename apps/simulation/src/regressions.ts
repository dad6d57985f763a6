/**
 * Every seed that ever failed: they run first, always. A new one goes to the end of the group that says what it found.
 *
 * What a seed plays changes with the workload and the faults, so a number here is one more story under an old name, not the old story.
 */
export const REGRESSIONS: readonly number[] = [
  // While the engine first ran in the simulation: deadlines measured on a wall clock that somebody set, orders that ended with fills still
  // missing, and orders after an unknown commit that nobody minded.
  100, 103, 113, 114, 1161, 1226, 1282, 1362,
];

/** The order in which seeds are run: what failed once, then the range. No seed runs twice. */
export function planOf(from: number, count: number): readonly number[] {
  const known = new Set(REGRESSIONS);
  const range = Array.from({ length: count }, (_, index) => from + index).filter((seed) => !known.has(seed));
  return [...REGRESSIONS, ...range];
}
