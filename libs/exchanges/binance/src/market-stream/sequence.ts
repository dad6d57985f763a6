/**
 * The venue's update id: a number while it is a safe integer, else a bigint, so that no id is ever rounded. Both compare
 * with `<` and `>` among each other; never use `===` on two of them.
 */
export type SequenceId = number | bigint;

/** @throws {RangeError} when the text is not a whole number without sign. */
export function sequenceOf(text: string): SequenceId {
  if (!/^\d{1,30}$/.test(text)) throw new RangeError('not an update id');
  return exact(BigInt(text));
}

/** The id that must come after this one. */
export function nextAfter(id: SequenceId): SequenceId {
  return typeof id === 'number' && id < Number.MAX_SAFE_INTEGER ? id + 1 : exact(BigInt(id) + 1n);
}

function exact(id: bigint): SequenceId {
  return id <= Number.MAX_SAFE_INTEGER ? Number(id) : id;
}
