export { CATALOGUE, LAUNCHER_VARIABLES, type KnownSetting } from './catalogue.js';
export { loadSettings, type SettingsSource } from './load-settings.js';
export { type SettingsValues, type VenueSettings } from './schema.js';
export { settingsDocument } from './settings-document.js';
export { SettingsError, type SettingsProblem } from './settings.errors.js';
export { SettingsModule } from './settings.module.js';
export { Settings } from './settings.js';
