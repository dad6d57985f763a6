/** One change of the compiled code. */
export interface Patch {
  /** Compiled file, from `dist/`. */
  readonly file: string;
  /** Stands in that file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A planted error of the order protocol, which some invariant has to notice. Where one safeguard covers another, it takes away both. */
export interface Mutant {
  readonly name: string;
  /** What goes wrong with it, in one sentence. */
  readonly about: string;
  readonly patches: readonly Patch[];
}

/** A mutant of a single change. */
export function mutant(name: string, about: string, file: string, find: string, replace: string): Mutant {
  return { name, about, patches: [{ file, find, replace }] };
}
