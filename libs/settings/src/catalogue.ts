import type { z } from 'zod';
import { settingsSchema, venueSchema } from './schema.js';

/** One leaf of the schema. */
export interface KnownSetting {
  /** `http.port`; for venues `venues.<id>.restUrl`. */
  readonly path: readonly string[];
  /** `BREAKWATER_PORT`; for venues `BREAKWATER_VENUES_<ID>_REST_URL`. */
  readonly env: string;
  readonly about: string;
  readonly secret: boolean;
  readonly type: 'text' | 'whole number' | 'true or false' | 'list' | 'one of';
  readonly choices: readonly string[];
  /** As text; `undefined` where there is none. */
  readonly initial: string | undefined;
}

/** Variables that begin like settings but belong to others: the launcher, and the simulator, which has no settings file. */
export const LAUNCHER_VARIABLES: Readonly<Record<string, string>> = {
  BREAKWATER_CONFIG_DIR: 'Folder of `default.yaml` and `<env>.yaml`; default `config`.',
  BREAKWATER_LAUNCHER: 'Set by the launcher of `npm start`: its process id. When it is gone, everything stops.',
  BREAKWATER_SIMULATOR_SEED: 'Read by the simulator: a whole number makes prices and ids the same at every start.',
  BREAKWATER_SIMULATOR_STEP_MS: 'Read by the simulator: time between two steps of its market makers; default 250.',
  BREAKWATER_SIMULATOR_LIMITS: 'Read by the simulator: `venue` keeps the rate limits of the venue, `unlimited` lifts them.',
};

export const ID_PLACE = '<id>';

/** `restUrl` → `REST_URL`, `binance-us` → `BINANCE_US`. */
export function envWord(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase();
}

/** Every setting of the schema, in its order; venues once, with `<id>` in their place. */
export const CATALOGUE: readonly KnownSetting[] = leaves(settingsSchema, []);

function leaves(schema: z.ZodType, path: readonly string[]): KnownSetting[] {
  const inner = unwrapped(schema);
  const def = inner.def as { type: string; shape?: Record<string, z.ZodType> };
  if (def.type === 'record') return leaves(venueSchema, [...path, ID_PLACE]);
  if (def.type === 'object') return Object.entries(def.shape ?? {}).flatMap(([key, part]) => leaves(part, [...path, key]));
  return [leaf(schema, inner, path)];
}

function leaf(schema: z.ZodType, inner: z.ZodType, path: readonly string[]): KnownSetting {
  const { about, env, secret } = schema.meta() as { about: string; env?: string; secret?: boolean };
  return {
    path,
    env: env ?? ['BREAKWATER', ...path.map((part) => (part === ID_PLACE ? '<ID>' : envWord(part)))].join('_'),
    about,
    secret: secret ?? false,
    ...typeOf(inner),
    initial: initialOf(schema),
  };
}

function typeOf(inner: z.ZodType): Pick<KnownSetting, 'type' | 'choices'> {
  const def = inner.def as { type: string; entries?: Record<string, string> };
  const named = { number: 'whole number', int: 'whole number', boolean: 'true or false', array: 'list' } as const;
  if (def.type === 'enum') return { type: 'one of', choices: Object.values(def.entries ?? {}) };
  return { type: named[def.type as keyof typeof named] ?? 'text', choices: [] };
}

function initialOf(schema: z.ZodType): string | undefined {
  const result = schema.safeParse(undefined);
  if (!result.success || result.data === undefined) return undefined;
  return typeof result.data === 'string' ? result.data : JSON.stringify(result.data);
}

function unwrapped(schema: z.ZodType): z.ZodType {
  const { innerType } = schema.def as { innerType?: z.ZodType };
  return innerType === undefined ? schema : unwrapped(innerType);
}
