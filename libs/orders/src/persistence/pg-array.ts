/** Text that stands in an array literal of Postgres as it is: no quotes, braces, commas, backslashes, white space, and not `null`. */
const PLAIN = /^[A-Za-z0-9_.:+/-]+$/;

/**
 * An array literal for a `$n::type[]` parameter, built by hand: the driver's own way costs several times as much, and the journal
 * binds some thirty arrays for each batch.
 */
export function pgArray(values: readonly (string | null)[]): string {
  let text = '{';
  for (let index = 0; index < values.length; index += 1) {
    if (index > 0) text += ',';
    const value = values[index]!;
    if (value === null) text += 'NULL';
    else if (PLAIN.test(value) && value.length !== 4) text += value;
    else text += quoted(value);
  }
  return `${text}}`;
}

const SPECIAL = /["\\]/g;

function quoted(value: string): string {
  return `"${value.replace(SPECIAL, '\\$&')}"`;
}

/** Rows to one array literal for each column. */
export function pgColumns<Row>(rows: readonly Row[], columns: readonly ((row: Row) => string | null)[]): string[] {
  return columns.map((column) => pgArray(rows.map(column)));
}
