/** A rule that our own code broke: a bug, never an input fault. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
}

/**
 * States a rule positively: `invariant(filled.lte(quantity), 'filled <= quantity')`.
 * @throws {InvariantViolation} when it does not hold.
 */
export function invariant(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new InvariantViolation(rule);
}

/** Closes a switch over a union: a new member without a case does not compile. */
export function never(value: never): never {
  throw new InvariantViolation(`unexpected case ${JSON.stringify(value)}`);
}
