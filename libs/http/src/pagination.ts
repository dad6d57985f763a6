import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { invalidRequest, type ProblemException } from './problem-exception.js';

export const PAGE_LIMIT_DEFAULT = 100;
export const PAGE_LIMIT_MAX = 1_000;
const CURSOR_LENGTH_MAX = 512;

const LIMIT_TEXT = /^(?:[1-9]\d{0,2}|1000)$/;

/** `?limit=`: 1 to 1000, 100 where it is missing. */
export const limitSchema = z
  .string()
  .refine((text) => LIMIT_TEXT.test(text), { error: `must be a whole number from 1 to ${PAGE_LIMIT_MAX}`, abort: true })
  .meta({ type: 'integer', minimum: 1, maximum: PAGE_LIMIT_MAX, default: PAGE_LIMIT_DEFAULT })
  .transform((text) => Number.parseInt(text, 10))
  .default(PAGE_LIMIT_DEFAULT);

/** `?cursor=`: opaque; `decodeCursor` checks it. */
export const cursorSchema = z.string().max(CURSOR_LENGTH_MAX).meta({ description: '`nextCursor` of the page before.' }).optional();

/** Spread into the query schema of a list: `z.strictObject({ ...pageQuery, account: … })`. */
export const pageQuery = { limit: limitSchema, cursor: cursorSchema };

export interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

/** The schema of a list answer. */
export function pageOf<S extends z.ZodType>(item: S): z.ZodObject<{ data: z.ZodArray<S>; nextCursor: z.ZodNullable<z.ZodString> }> {
  return z.object({ data: z.array(item), nextCursor: z.string().nullable() });
}

/**
 * Makes a page of rows that were asked for with one more than `limit`: that one only proves that there is a next page.
 * @param positionOf what `decodeCursor` gives back for the page after this row
 */
export function pageFrom<Row, T>(rows: readonly Row[], limit: number, positionOf: (row: Row) => unknown, toItem: (row: Row) => T): Page<T> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { data: shown.map(toItem), nextCursor: last === undefined ? null : encodeCursor(positionOf(last)) };
}

/** Base64url of JSON with a check sum, so that a cursor that was cut or edited is refused and not misread. */
export function encodeCursor(position: unknown): string {
  const json = JSON.stringify(position);
  return Buffer.from(checkSum(json) + json).toString('base64url');
}

/** @throws {ProblemException} `invalid-request` when it is not a cursor of ours or does not fit the list. */
export function decodeCursor<S extends z.ZodType>(cursor: string, position: S): z.output<S> {
  const text = Buffer.from(cursor, 'base64url').toString();
  const json = text.slice(8);
  if (text.slice(0, 8) !== checkSum(json)) throw badCursor();
  const parsed = position.safeParse(JSON.parse(json));
  if (!parsed.success) throw badCursor();
  return parsed.data;
}

function checkSum(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}

function badCursor(): ProblemException {
  return invalidRequest([{ path: '/cursor', message: 'is not a cursor of this list; start again without it' }]);
}
