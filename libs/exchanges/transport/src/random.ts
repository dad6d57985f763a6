/** A number from 0 (included) to 1 (excluded). A port, so that tests and the simulation decide it. */
export type RandomSource = () => number;

/** Good enough to spread retries in time; never used for secrets. */
export const systemRandom: RandomSource = () => Math.random();
