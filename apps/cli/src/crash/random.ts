/** Numbers in [0, 1) that depend on the seed alone (a linear congruence, its upper bits). Good enough to vary a load. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
