import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CATALOGUE } from './catalogue.js';
import { loadSettings } from './load-settings.js';
import { settingsSchema } from './schema.js';
import { settingsDocument } from './settings-document.js';

/** The formatter pads tables for the eye. */
const withoutPadding = (text: string) =>
  text.replace(/ +/g, ' ').replace(/-{3,}/g, '---').replaceAll('|---', '| ---').replaceAll('---|', '--- |');

test('docs/settings.md has every setting as the schema has it', () => {
  expect(withoutPadding(readFileSync('docs/settings.md', 'utf8'))).toBe(withoutPadding(settingsDocument()));
});

test('every setting is explained, and no two share a variable', () => {
  expect(CATALOGUE.filter(({ about }) => about === '')).toEqual([]);
  expect(new Set(CATALOGUE.map(({ env }) => env)).size).toBe(CATALOGUE.length);
});

test('config/default.yaml says the defaults as the schema has them', () => {
  const { venues: _venues, home: _home, ...shipped } = loadSettings({ env: {} });
  const { venues: _none, home: _relative, ...defaults } = settingsSchema.parse({});
  expect(shipped).toEqual(defaults);
});

test('.env.example names only variables that exist', () => {
  const named = [...readFileSync('.env.example', 'utf8').matchAll(/^# ([A-Z_]+)=/gm)].map(([, name]) => name);
  expect(named.filter((name) => !CATALOGUE.some(({ env }) => env === name))).toEqual([]);
});
