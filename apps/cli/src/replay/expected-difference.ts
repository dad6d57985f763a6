/** Where a result first differs from what was expected, and how. */
export interface Difference {
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** These say where the expectation comes from, and nothing about the result. */
const REMARKS = new Set(['note', 'for', 'source']);
/** Maps by name: here a name too many is a difference too. Elsewhere, what only the result has is ours to say. */
const CLOSED = new Set(['books', 'trades']);

/**
 * The first difference in the order of the expectation; `null` where everything expected is there. Checkpoints at lines
 * that nobody expected do not count.
 */
export function firstDifference(expected: unknown, actual: unknown, path = ''): Difference | null {
  if (Array.isArray(expected)) return differenceOfLists(expected, actual, path);
  if (!isRecord(expected)) return Object.is(expected, actual) ? null : { path, expected, actual };
  if (!isRecord(actual)) return { path, expected, actual };
  for (const [name, value] of Object.entries(expected)) {
    if (path === '' && REMARKS.has(name)) continue;
    const below = path === '' ? name : `${path}.${name}`;
    const found = Object.hasOwn(actual, name)
      ? firstDifference(value, actual[name], below)
      : { path: below, expected: value, actual: undefined };
    if (found !== null) return found;
  }
  const extra = CLOSED.has(path) ? Object.keys(actual).find((name) => !Object.hasOwn(expected, name)) : undefined;
  return extra === undefined ? null : { path: `${path}.${extra}`, expected: undefined, actual: actual[extra] };
}

function differenceOfLists(expected: readonly unknown[], actual: unknown, path: string): Difference | null {
  if (!Array.isArray(actual)) return { path, expected, actual };
  const lines = new Set(expected.map(lineOf).filter((line) => line !== undefined));
  const list: unknown[] = lines.size === 0 ? actual : actual.filter((item) => lines.has(lineOf(item) ?? -1));
  for (const [index, item] of expected.entries()) {
    const found = firstDifference(item, list[index], `${path}[${index}]`);
    if (found !== null) return found;
  }
  return list.length === expected.length ? null : { path: `${path}.length`, expected: expected.length, actual: list.length };
}

function lineOf(item: unknown): number | undefined {
  return isRecord(item) && typeof item['line'] === 'number' ? item['line'] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
