import type { Settings } from '#libs/settings';
import type { StateFolder } from '../state/state-folder.js';
import type { Terminal } from './terminal.js';

export interface BannerFacts {
  readonly settings: Settings;
  readonly state: StateFolder;
  readonly gatewayUrl: string;
  /** `null` without a simulator. */
  readonly simulatorUrl: string | null;
  readonly tookMs: number;
}

/** What to open, where the key is, and two lines to paste. */
export function bannerLines(facts: BannerFacts, terminal: Pick<Terminal, 'style'>): string[] {
  const { settings, state, gatewayUrl, simulatorUrl, tookMs } = facts;
  const row = (name: string, value: string) => `  ${terminal.style('dim', name.padEnd(12))} ${value}`;
  const link = (address: string) => terminal.style('cyan', address);
  const title = settings.environment === 'live' ? terminal.style(['bold', 'red'], 'live: real money') : 'sandbox';
  return [
    '',
    `${terminal.style('bold', 'Breakwater is ready')} (${title}, ${(tookMs / 1000).toFixed(1)} s)`,
    '',
    row('API', link(`${gatewayUrl}/docs`)),
    row('health', link(`${gatewayUrl}/health/ready`)),
    ...(simulatorUrl === null ? [] : [row('simulator', link(`${simulatorUrl}/_sim/accounts`))]),
    row('admin key', state.adminKeyFile),
    ...(settings.database.url === undefined ? [row('database', `psql "$(cat ${quoted(state.databaseUrlFile)})"`)] : []),
    ...(simulatorUrl === null ? [] : examples(gatewayUrl, state.adminKeyFile, terminal)),
    '',
    terminal.style('dim', '  Ctrl-C stops everything.'),
    '',
  ];
}

function examples(gatewayUrl: string, keyFile: string, terminal: Pick<Terminal, 'style'>): string[] {
  const authorization = `-H "Authorization: Bearer $(cat ${quoted(keyFile)})"`;
  const order = `{"account":"binance-sim","symbol":"BTC/USDT","side":"buy","type":"market","quantity":"0.001"}`;
  return [
    '',
    terminal.style('dim', '  Buy a little, and read the blotter:'),
    '',
    `curl -s ${gatewayUrl}/v1/orders ${authorization} -H 'Content-Type: application/json' -d '${order}'`,
    '',
    `curl -s '${gatewayUrl}/v1/orders?account=binance-sim' ${authorization}`,
  ];
}

/** Safe inside `$(…)` in double quotes: only unusual paths are quoted. */
function quoted(file: string): string {
  return /^[\w@%+=:,./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
}
