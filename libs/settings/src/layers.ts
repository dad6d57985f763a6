import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { CATALOGUE, envWord, ID_PLACE, LAUNCHER_VARIABLES, type KnownSetting } from './catalogue.js';
import { nearest } from './nearest.js';
import type { SettingsProblem } from './settings.errors.js';

export type Tree = Record<string, unknown>;
export type Variables = Readonly<Record<string, string | undefined>>;

/** Raw values in layers, where each came from, and what could not be read. */
export class Layers {
  readonly values: Tree = {};
  readonly problems: SettingsProblem[] = [];
  private readonly origins = new Map<string, string>();

  /** Adds a YAML file over what is there; a file that does not exist adds nothing. */
  addFile(file: string, shown: string): void {
    if (!existsSync(file)) return;
    let tree: unknown;
    try {
      tree = parse(readFileSync(file, 'utf8')) ?? {};
    } catch (error) {
      const place = error instanceof YAMLParseError && error.linePos !== undefined ? ` at line ${error.linePos[0].line}` : '';
      this.problems.push({ setting: shown, problem: error instanceof YAMLParseError ? `is not YAML${place}` : 'cannot be read' });
      return;
    }
    if (!isTree(tree)) this.problems.push({ setting: shown, problem: 'expected settings by name' });
    else this.merge(this.values, tree, [], (at) => `${at} in ${shown}`);
  }

  /** Adds the variables that are settings; refuses those that look like one and are not. An empty one counts as unset. */
  addVariables(env: Variables): void {
    const venues = isTree(this.values['venues']) ? Object.keys(this.values['venues']) : [];
    const known = new Map(CATALOGUE.flatMap((setting) => named(setting, venues)));
    for (const [name, text] of Object.entries(env)) {
      if (text === undefined || text === '' || name in LAUNCHER_VARIABLES) continue;
      const target = known.get(name);
      if (target !== undefined) this.set(target.path, valueOf(text, target.setting), name);
      else if (name.startsWith('BREAKWATER_')) this.problems.push(unknown(name, [...known.keys(), ...Object.keys(LAUNCHER_VARIABLES)]));
    }
  }

  /** How the person named the setting at that path. */
  origin(at: readonly PropertyKey[]): string {
    for (let length = at.length; length > 0; length -= 1) {
      const found = this.origins.get(at.slice(0, length).join('.'));
      if (found !== undefined) return found;
    }
    return at.join('.');
  }

  private set(at: readonly string[], value: unknown, origin: string): void {
    let tree: Tree = this.values;
    for (const key of at.slice(0, -1)) {
      if (!isTree(tree[key])) tree[key] = {};
      tree = tree[key] as Tree;
    }
    tree[at.at(-1) ?? ''] = value;
    this.origins.set(at.join('.'), origin);
  }

  private merge(into: Tree, from: Tree, at: readonly string[], origin: (at: string) => string): void {
    for (const [key, value] of Object.entries(from)) {
      // An empty `key:` in YAML says nothing; `__proto__` is no setting, and would not be an ordinary assignment.
      if (value === null || key === '__proto__') continue;
      const here = [...at, key];
      this.origins.set(here.join('.'), origin(here.join('.')));
      const present = Object.hasOwn(into, key) ? into[key] : undefined;
      if (!isTree(value)) into[key] = value;
      else {
        const target: Tree = isTree(present) ? present : {};
        into[key] = target;
        this.merge(target, value, here, origin);
      }
    }
  }
}

/** The folder of YAML files. @returns what is wrong with it, if anything. */
export function configFolder(env: Variables, cwd: string): { folder: string; problem: SettingsProblem | null } {
  const folder = path.resolve(cwd, env['BREAKWATER_CONFIG_DIR'] || 'config');
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  return { folder, problem: isFolder ? null : { setting: 'BREAKWATER_CONFIG_DIR', problem: `there is no folder ${folder}` } };
}

export function unknown(name: string, candidates: readonly string[]): SettingsProblem {
  const near = nearest(name, candidates);
  return { setting: name, problem: near === undefined ? 'there is no such setting' : `there is no such setting; did you mean ${near}?` };
}

/** The variables of one setting: one, or for venues one per venue. */
function named(setting: KnownSetting, venues: readonly string[]): [string, { setting: KnownSetting; path: readonly string[] }][] {
  if (!setting.path.includes(ID_PLACE)) return [[setting.env, { setting, path: setting.path }]];
  return venues.map((id) => [
    setting.env.replace('<ID>', envWord(id)),
    { setting, path: setting.path.map((part) => (part === ID_PLACE ? id : part)) },
  ]);
}

/** Variables are text: numbers, booleans and lists are read out of it; what does not fit is left for the schema to refuse. */
function valueOf(text: string, setting: KnownSetting): unknown {
  if (setting.type === 'whole number') return /^-?\d{1,15}$/.test(text.trim()) ? Number.parseInt(text, 10) : text;
  if (setting.type === 'true or false') return { true: true, false: false }[text.trim().toLowerCase()] ?? text;
  if (setting.type === 'list')
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  return text;
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
