import { FAULT_KINDS } from './fault.js';
import type { FaultKind, FaultMatch, FaultOrder } from './fault.js';

/** A refused field, with what would have been right. */
export interface InputFault {
  readonly field: string;
  readonly message: string;
}

const DELAY_MS_MAX = 600_000;
const SKEW_MS_MAX = 86_400_000;
const BODY_CHARACTERS_MAX = 10_000;
const FIELDS = new Set(['venue', 'kind', 'match', 'probability', 'count', 'delayMs', 'status', 'skewMs', 'executed', 'body']);
const NEEDS_DELAY = new Set<FaultKind>(['delay']);

/** Reads the JSON of `POST /_sim/faults`; answers the fault, or the first field that is wrong. */
export function readFault(input: unknown, venues: readonly string[]): FaultOrder | InputFault {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return wrong('', 'a JSON object is expected');
  const fields = input as Record<string, unknown>;
  for (const name of Object.keys(fields)) if (!FIELDS.has(name)) return wrong(name, `unknown field; known: ${[...FIELDS].join(', ')}`);
  const { venue, kind } = fields;
  if (typeof venue !== 'string' || !venues.includes(venue)) return wrong('venue', `must be one of ${venues.join(', ')}`);
  if (!isKind(kind)) return wrong('kind', `must be one of ${FAULT_KINDS.join(', ')}`);
  const match = readMatch(fields['match']);
  if ('field' in match) return match;
  const problem =
    numberProblem(fields, 'probability', 0, 1, false) ??
    numberProblem(fields, 'count', 1, 1_000_000, true) ??
    numberProblem(fields, 'delayMs', 0, DELAY_MS_MAX, true) ??
    numberProblem(fields, 'status', 200, 599, true) ??
    numberProblem(fields, 'skewMs', -SKEW_MS_MAX, SKEW_MS_MAX, true) ??
    textProblem(fields) ??
    missing(kind, fields);
  if (problem !== null) return problem;
  const number = (name: string): number | null => (fields[name] as number | undefined) ?? null;
  return {
    venue,
    kind,
    match,
    probability: number('probability') ?? 1,
    count: number('count') ?? (kind === 'disconnect-ws' ? 1 : null),
    delayMs: number('delayMs'),
    status: number('status'),
    skewMs: number('skewMs') ?? 0,
    executed: fields['executed'] === true,
    body: (fields['body'] as string | undefined) ?? null,
  };
}

function isKind(value: unknown): value is FaultKind {
  return typeof value === 'string' && (FAULT_KINDS as readonly string[]).includes(value);
}

function readMatch(value: unknown): FaultMatch | InputFault {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) return wrong('match', 'must be an object of method, path, account');
  const match: { method?: string; path?: string; account?: string } = {};
  for (const [name, text] of Object.entries(value)) {
    if (name !== 'method' && name !== 'path' && name !== 'account')
      return wrong(`match.${name}`, 'unknown field; known: method, path, account');
    if (typeof text !== 'string' || text === '') return wrong(`match.${name}`, 'must be text');
    match[name] = text;
  }
  return match;
}

function numberProblem(fields: Record<string, unknown>, name: string, min: number, max: number, whole: boolean): InputFault | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  const fits = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
  return fits ? null : wrong(name, `must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}`);
}

function textProblem(fields: Record<string, unknown>): InputFault | null {
  const { executed, body } = fields;
  if (executed !== undefined && typeof executed !== 'boolean') return wrong('executed', 'must be true or false');
  if (body !== undefined && (typeof body !== 'string' || body.length > BODY_CHARACTERS_MAX)) {
    return wrong('body', `must be text of at most ${BODY_CHARACTERS_MAX} characters`);
  }
  return null;
}

function missing(kind: FaultKind, fields: Record<string, unknown>): InputFault | null {
  if (kind === 'http-status' && fields['status'] === undefined) return wrong('status', 'http-status needs a status');
  if (kind === 'clock-skew' && fields['skewMs'] === undefined) return wrong('skewMs', 'clock-skew needs skewMs');
  if (NEEDS_DELAY.has(kind) && fields['delayMs'] === undefined) return wrong('delayMs', `${kind} needs delayMs`);
  return null;
}

function wrong(field: string, message: string): InputFault {
  return { field, message };
}
