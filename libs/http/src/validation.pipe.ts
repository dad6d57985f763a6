import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { z } from 'zod';
import { nearestName } from './nearest-name.js';
import { invalidRequest, type FieldError } from './problem-exception.js';

/** Findings in one answer: enough to mend a request, bounded so that bad input cannot make a large answer. */
const ERRORS_MAX = 50;
const KEY_LENGTH_MAX = 60;
const SEPARATOR = '\n';

/**
 * Checks `@Body({ schema })`, `@Query({ schema })` and `@Param({ schema })` and hands on the parsed value.
 * Nest's own `StandardSchemaValidationPipe` does the same; this one is synchronous, knows that our schemas are zod,
 * names the nearest known property, and leaves prototype keys to the JSON parser, which refuses them.
 */
export class SchemaValidationPipe implements PipeTransform {
  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    const schema = metadata.schema;
    if (schema === undefined || metadata.type === 'custom') return value;
    return parseInput(schema as unknown as z.ZodType, value);
  }
}

/**
 * Reads untrusted input with a zod schema, with the messages and paths of our API.
 * @throws {ProblemException} `invalid-request`
 */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value, ISSUE_MESSAGES);
  if (result.success) return result.data;
  throw invalidRequest(fieldErrors(result.error.issues));
}

/** zod's findings in our form: one per property, with a JSON pointer. Values are never repeated. */
export function fieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  return issues.flatMap((issue) => fromIssue(issue)).slice(0, ERRORS_MAX);
}

function fromIssue(issue: z.core.$ZodIssue): FieldError[] {
  const path = pointer(issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
  const messages = issue.message.split(SEPARATOR);
  return issue.keys.map((key, index) => ({
    path: `${path}${pointer([key.slice(0, KEY_LENGTH_MAX)])}`,
    message: messages[index] ?? 'unknown property',
  }));
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Says what zod's own words do not: that a property is missing, or which one was probably meant. */
function issueMessage(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys') {
    const shape = (issue.inst as { shape?: object } | undefined)?.shape;
    const known = shape === undefined ? [] : Object.keys(shape);
    return issue.keys.map((key) => unknownProperty(key, known)).join(SEPARATOR);
  }
  if (issue.code === 'invalid_type' && issue.input === undefined) return 'is required';
  return undefined;
}

const ISSUE_MESSAGES = { error: issueMessage };

function unknownProperty(key: string, known: readonly string[]): string {
  const nearest = nearestName(key, known);
  return nearest === null ? 'unknown property' : `unknown property; did you mean "${nearest}"?`;
}
