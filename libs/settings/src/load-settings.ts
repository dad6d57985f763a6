import path from 'node:path';
import type { z } from 'zod';
import { CATALOGUE, envWord, ID_PLACE } from './catalogue.js';
import { configFolder, isTree, Layers, unknown, type Variables } from './layers.js';
import { misdirections } from './live-guard.js';
import { settingsSchema, type SettingsValues } from './schema.js';
import { SettingsError, type SettingsProblem } from './settings.errors.js';
import { frozen, type Settings } from './settings.js';

export interface SettingsSource {
  /** Usually `process.env`. */
  readonly env: Variables;
  /** Folder of the YAML files; default: `BREAKWATER_CONFIG_DIR`, else `config`. */
  readonly configDir?: string;
  /** What relative paths start from; default `process.cwd()`. */
  readonly cwd?: string;
}

/**
 * Reads the layers (`default.yaml`, `<environment>.yaml`, variables), checks them and freezes the result. `home` and
 * the folder names in it are absolute; `${simulator}` in venue addresses is filled in.
 * @throws {SettingsError} naming every bad setting and showing no value.
 */
export function loadSettings({ env, configDir, cwd = process.cwd() }: SettingsSource): Settings {
  const { folder, problem } = configFolder(configDir === undefined ? env : { BREAKWATER_CONFIG_DIR: configDir }, cwd);
  if (problem !== null) throw new SettingsError([problem]);
  const shown = path.relative(cwd, folder) || '.';

  const layers = new Layers();
  layers.addFile(path.join(folder, 'default.yaml'), path.join(shown, 'default.yaml'));
  const environment = env['BREAKWATER_ENV'] || (layers.values['environment'] ?? 'sandbox');
  const known = settingsSchema.shape.environment.safeParse(environment);
  if (known.success) layers.addFile(path.join(folder, `${known.data}.yaml`), path.join(shown, `${known.data}.yaml`));
  layers.addVariables(env);
  // Without an environment its file is missing, and everything in it would be reported as missing, too.
  if (!known.success)
    layers.problems.push(...known.error.issues.map((issue) => ({ setting: layers.origin(['environment']), problem: plain(issue) })));
  if (layers.problems.length > 0) throw new SettingsError(layers.problems);

  fillInSimulator(layers);
  const parsed = settingsSchema.safeParse(layers.values);
  if (!parsed.success) throw new SettingsError(parsed.error.issues.flatMap((issue) => problemsOf(issue, layers)));
  const wrong = misdirections(parsed.data);
  if (wrong.length > 0) throw new SettingsError(wrong.map((one) => ({ setting: layers.origin(one.path), problem: one.problem })));
  return frozen(completed(parsed.data, cwd));
}

/** Addresses may follow the simulator's port, so that one variable moves both. */
function fillInSimulator(layers: Layers): void {
  const simulator = settingsSchema.shape.simulator.safeParse(layers.values['simulator']);
  if (!simulator.success || !isTree(layers.values['venues'])) return;
  const origin = `${simulator.data.host}:${simulator.data.port}`;
  for (const venue of Object.values(layers.values['venues'])) {
    if (!isTree(venue)) continue;
    for (const [key, value] of Object.entries(venue)) {
      if (typeof value === 'string') venue[key] = value.replaceAll('${simulator}', origin);
    }
  }
}

function completed(values: SettingsValues, cwd: string): SettingsValues {
  return { ...values, home: path.resolve(cwd, values.home) };
}

function problemsOf(issue: z.core.$ZodIssue, layers: Layers): SettingsProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const at = [...issue.path, key];
      const { problem } = unknown(
        at.join('.'),
        CATALOGUE.map((setting) => withId(setting.path, issue.path).join('.')),
      );
      return { setting: layers.origin(at), problem };
    });
  }
  if (valueAt(layers.values, issue.path) === undefined) return [{ setting: fullName(issue.path), problem: 'is missing' }];
  return [{ setting: layers.origin(issue.path), problem: plain(issue) }];
}

function valueAt(tree: unknown, at: readonly PropertyKey[]): unknown {
  return at.reduce<unknown>(
    (part, key) => (typeof part === 'object' && part !== null ? (part as Record<PropertyKey, unknown>)[key] : undefined),
    tree,
  );
}

/** A setting that nobody wrote has no origin: it is named by its path and by the variable that would set it. */
function fullName(at: readonly PropertyKey[]): string {
  const known = CATALOGUE.find((setting) => withId(setting.path, at).join('.') === at.join('.'));
  return known === undefined ? at.join('.') : `${at.join('.')} (${known.env.replace('<ID>', envWord(String(at[1])))})`;
}

/** The venue's own id in place of `<id>`, so that suggestions can be copied. */
function withId(known: readonly string[], at: readonly PropertyKey[]): string[] {
  return known.map((part, index) => (part === ID_PLACE ? String(at[index] ?? part) : part));
}

/** zod's own words, without "Invalid input" and with nothing of the value. */
function plain(issue: z.core.$ZodIssue): string {
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_type')
    return `must be ${issue.expected === 'int' || issue.expected === 'number' ? 'a whole number' : `a ${issue.expected}`}`;
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  return issue.message;
}
