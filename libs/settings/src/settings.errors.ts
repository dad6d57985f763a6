/** One setting and what is wrong with it. Never holds the value. */
export interface SettingsProblem {
  /** As the person wrote it: a variable (`BREAKWATER_PORT`), or a path and its file (`http.port in config/default.yaml`). */
  readonly setting: string;
  readonly problem: string;
}

/** The settings cannot be used; `message` is one line that names every bad one and shows no value. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(readonly problems: readonly SettingsProblem[]) {
    super(problems.map(({ setting, problem }) => `${setting}: ${problem}`).join('; '));
  }
}
