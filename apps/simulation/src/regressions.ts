/**
 * Every seed that ever failed: they run first, always. A new one goes to the end of the group that says what it found.
 *
 * What a seed plays changes with the workload and the faults, so a number here is one more story under an old name, not the old story.
 */
export const REGRESSIONS: readonly number[] = [
  // While the engine first ran in the simulation: deadlines measured on a wall clock that somebody set, orders that ended with fills still
  // missing, and orders after an unknown commit that nobody minded.
  100, 103, 113, 114, 1161, 1226, 1282, 1362,
  // Events told before the beginning of their order, a cancel that was refused and stayed wished for, and facts about orders that the
  // replica had let go of before another one was found to have written first.
  201, 214, 262, 353, 382, 427, 40_904, 60_407, 60_771, 60_778, 80_118,
  // Books: markets nobody had swept, drift judged on a wall clock that was set, an announcement that blocked the journal, a fill under the
  // venue's own symbol.
  32, 89, 1041, 1178, 50_019, 50_119, 60_263,
  // Requests that arrived twice while the venue took any client id: two faults that must not meet.
  2004, 3223, 40_260, 41_969,
  // A second cancel beside one that could not be journaled, two objects for one order, a ledger opened at the wrong moment, an incident lost.
  100_610,
  101_466, 101_538, 202_769,
];

/** The order in which seeds are run: what failed once, then the range. No seed runs twice. */
export function planOf(from: number, count: number): readonly number[] {
  const known = new Set(REGRESSIONS);
  const range = Array.from({ length: count }, (_, index) => from + index).filter((seed) => !known.has(seed));
  return [...REGRESSIONS, ...range];
}
