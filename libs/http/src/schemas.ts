import { ZERO, decimal, isDecimalText, isUuid, type Decimal } from '#libs/kernel';
import { z } from 'zod';

const DECIMAL_PATTERN = '^-?\\d{1,30}(\\.\\d{1,30})?$';

/** Why a decimal was refused. A JSON number has already lost digits when we see it, so it is never taken. */
function decimalMessage(input: unknown): string {
  if (input === undefined) return 'is required';
  if (typeof input === 'number') return 'decimals are strings: write "0.010", not 0.010';
  return 'must be a plain decimal in a string, like "0.010"';
}

const decimalTextSchema = z
  .string({ error: (issue) => decimalMessage(issue.input) })
  .refine(isDecimalText, { error: (issue) => decimalMessage(issue.input), abort: true })
  .meta({ pattern: DECIMAL_PATTERN, examples: ['0.010'] });

/** Plain decimal text to `Decimal`: no exponent, no white space, at most 30 digits on each side. */
export const decimalSchema = decimalTextSchema.transform((text): Decimal => decimal(text));

/** A price or a quantity: more than zero. */
export const positiveDecimalSchema = decimalSchema.refine((value) => value.gt(ZERO), { error: 'must be more than zero' });

/** A decimal in an answer: text, as `decimalText` makes it. */
export const decimalOut = z.string().meta({ pattern: DECIMAL_PATTERN, examples: ['0.01'] });

/** A unified symbol: `BTC/USDT` spot, `BTC/USDT:USDT` linear perpetual. */
export const symbolSchema = z
  .string()
  .regex(/^[A-Z0-9]{1,20}\/[A-Z0-9]{1,20}(?::[A-Z0-9]{1,20}(?:-[A-Z0-9-]{1,30})?)?$/, {
    error: 'must be a unified symbol, like "BTC/USDT"',
  })
  .meta({ examples: ['BTC/USDT'] });

/** An id of ours in a route. */
export const uuidSchema = z.string().refine(isUuid, { error: 'must be a UUID' }).meta({ format: 'uuid' });

/** Our name of an account or a venue. */
export const nameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, { error: 'must be a name: lower-case letters, digits, point, hyphen and underscore, at most 63' });

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** RFC 3339 with a zone, to milliseconds since 1970. */
export const timeSchema = z
  .string()
  .refine((text) => RFC_3339.test(text) && !Number.isNaN(Date.parse(text)), {
    error: 'must be an RFC 3339 time with a zone, like "2026-01-31T12:00:00.000Z"',
    abort: true,
  })
  .meta({ format: 'date-time' })
  .transform((text) => Date.parse(text));

/** A time in an answer: RFC 3339 UTC with milliseconds, as `timeText` makes it. */
export const timeOut = z.string().meta({ format: 'date-time', examples: ['2026-01-31T12:00:00.000Z'] });
