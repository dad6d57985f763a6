import type { SettingsValues } from './schema.js';

type Frozen<T> = T extends readonly (infer E)[] ? readonly Frozen<E>[] : T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

/** All settings of a process: checked, complete and frozen. Type and injection token in one. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- nobody makes one with `new`: only loadSettings does
export interface Settings extends Frozen<SettingsValues> {}
export abstract class Settings {}

/** Freezes all the way down. */
export function frozen(values: SettingsValues): Settings {
  freezeDeep(values);
  return values as Settings;
}

function freezeDeep(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freezeDeep(part);
}
