import { CHECKERS } from '../checkers/check.js';

/** An invariant as it is told: its sentence, and why nothing is checked where nothing can be. */
export interface InvariantLine {
  readonly invariant: string;
  readonly about: string;
  readonly nothingYet: string | null;
}

const ELSEWHERE: readonly InvariantLine[] = [
  {
    invariant: 'INV-11',
    about: 'open, unknown and reserved orders together stay within the limit at every commit',
    nothingYet: 'nothing to check until there are risk limits',
  },
  {
    invariant: 'INV-13',
    about: 'nonces rise strictly per venue key',
    nothingYet: 'nothing to check until there is a venue with nonces',
  },
  { invariant: 'INV-21', about: 'the same seed with the same code leaves the same trace hash', nothingYet: null },
];

/** INV-01 to INV-21, in order, each once. */
export function invariantLines(): readonly InvariantLine[] {
  const lines = new Map<string, InvariantLine>();
  for (const { invariant, about } of CHECKERS) if (!lines.has(invariant)) lines.set(invariant, { invariant, about, nothingYet: null });
  for (const line of ELSEWHERE) lines.set(line.invariant, line);
  return [...lines.values()].sort((a, b) => (a.invariant < b.invariant ? -1 : 1));
}
