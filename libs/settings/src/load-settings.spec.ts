import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadSettings } from './load-settings.js';
import { SettingsError } from './settings.errors.js';

const SECRET = 'hunter2';

function faults(env: Record<string, string>, configDir?: string): readonly string[] {
  try {
    loadSettings({ env, ...(configDir === undefined ? {} : { configDir }) });
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map(({ setting, problem }) => `${setting}: ${problem}`);
    throw error;
  }
  return [];
}

describe('the shipped configuration', () => {
  test('points every venue at the simulator, with no variable set', () => {
    const settings = loadSettings({ env: {} });
    expect(settings.environment).toBe('sandbox');
    expect(settings.http).toMatchObject({ host: '127.0.0.1', port: 3000 });
    expect(settings.venues['binance']).toMatchObject({
      enabled: true,
      restUrl: 'http://127.0.0.1:4010/binance',
      wsUrl: 'ws://127.0.0.1:4010/binance',
    });
  });

  test('follows the simulator to another port', () => {
    const { venues } = loadSettings({ env: { BREAKWATER_SIMULATOR_PORT: '4999' } });
    expect(venues['binance']?.restUrl).toBe('http://127.0.0.1:4999/binance');
  });

  test('has live addresses with BREAKWATER_ENV=live, and no simulator', () => {
    const settings = loadSettings({ env: { BREAKWATER_ENV: 'live' } });
    expect(settings.simulator.mode).toBe('off');
    expect(settings.venues['binance']?.restUrl).toBe('https://api.binance.com');
  });

  test('takes a variable over a file, and an empty variable as unset', () => {
    const settings = loadSettings({ env: { BREAKWATER_PORT: '4180', BREAKWATER_HOST: '', BREAKWATER_VENUES_BINANCE_ENABLED: 'false' } });
    expect(settings.http).toMatchObject({ port: 4180, host: '127.0.0.1' });
    expect(settings.venues['binance']?.enabled).toBe(false);
  });

  test('gives the state folder as an absolute path', () => {
    expect(loadSettings({ env: { BREAKWATER_HOME: 'state' } }).home).toBe(path.resolve('state'));
  });

  test('is frozen all the way down', () => {
    const settings = loadSettings({ env: {} });
    expect(Object.isFrozen(settings.orders.resolver) && Object.isFrozen(settings.venues['binance']?.liveHosts)).toBe(true);
  });
});

describe('a bad setting is refused by name, and its value is not shown', () => {
  const port = { BREAKWATER_PORT: 'abc' };
  test.each([
    ['text for a number', port, ['BREAKWATER_PORT: must be a whole number']],
    ['a number out of bounds', { BREAKWATER_PORT: '70000' }, ['BREAKWATER_PORT: must be at most 65535']],
    ['a fraction', { BREAKWATER_ORDERS_ACK_TIMEOUT_MS: '1.5' }, ['BREAKWATER_ORDERS_ACK_TIMEOUT_MS: must be a whole number']],
    ['an unknown word', { BREAKWATER_SIMULATOR: 'maybe' }, ['BREAKWATER_SIMULATOR: must be one of on, external, off']],
    ['an unknown environment', { BREAKWATER_ENV: 'prod' }, ['BREAKWATER_ENV: must be one of sandbox, live']],
    ['a misspelt name', { BREAKWATER_PROT: '1' }, ['BREAKWATER_PROT: there is no such setting; did you mean BREAKWATER_PORT?']],
    [
      'an unknown venue',
      { BREAKWATER_VENUES_BINANCES_WS_URL: 'ws://x' },
      ['BREAKWATER_VENUES_BINANCES_WS_URL: there is no such setting; did you mean BREAKWATER_VENUES_BINANCE_WS_URL?'],
    ],
    [
      'another database',
      { DATABASE_URL: `mysql://u:${SECRET}@h/d` },
      ['DATABASE_URL: expected postgres://user:password@host:port/database'],
    ],
    ['no address at all', { DATABASE_URL: SECRET }, ['DATABASE_URL: expected postgres://user:password@host:port/database']],
    [
      'a folder that is not there',
      { BREAKWATER_CONFIG_DIR: '/does/not/exist' },
      ['BREAKWATER_CONFIG_DIR: there is no folder /does/not/exist'],
    ],
    [
      'two at once',
      { ...port, BREAKWATER_SIMULATOR: 'x' },
      ['BREAKWATER_PORT: must be a whole number', 'BREAKWATER_SIMULATOR: must be one of on, external, off'],
    ],
  ])('%s', (_, env, expected) => {
    const found = faults(env);
    expect(found).toEqual(expected);
    expect(found.join()).not.toContain(SECRET);
  });
});

describe('real money and practice are kept apart', () => {
  const rest = 'BREAKWATER_VENUES_BINANCE_REST_URL';
  const live = { BREAKWATER_ENV: 'live' };
  test.each([
    ['sandbox at a live host', { [rest]: 'https://api.binance.com' }, 'trades real money'],
    ['sandbox at a live host with a dot at its end', { [rest]: 'https://API1.binance.com./' }, 'trades real money'],
    ['sandbox streams of a live host', { BREAKWATER_VENUES_BINANCE_WS_URL: 'wss://stream.binance.com:9443' }, 'trades real money'],
    ['live at the simulator', { ...live, [rest]: 'http://127.0.0.1:4010/binance' }, 'no live venue'],
    ['live at the simulator by name', { ...live, [rest]: 'http://localhost:4010/binance' }, 'no live venue'],
    ['live at the simulator by its IPv6 address', { ...live, [rest]: 'http://[::1]:4010/binance' }, 'no live venue'],
    ['live at a host that is not listed', { ...live, [rest]: 'https://api.example.com' }, "not among the venue's liveHosts"],
    ["live at the venue's demo", { ...live, [rest]: 'https://demo-api.binance.com' }, "not among the venue's liveHosts"],
    ['live with a crash point armed', { ...live, BREAKWATER_CRASH_AT: 'order.journaled:2' }, 'kills the process on purpose'],
    ['live without TLS', { ...live, [rest]: 'http://api.binance.com' }, 'must be https://'],
  ])('%s is refused', (_, env, reason) => {
    const [first] = faults(env);
    expect(first).toContain(reason);
  });

  test("sandbox at the venue's own test network is fine", () => {
    expect(faults({ [rest]: 'https://testnet.binance.vision' })).toEqual([]);
    expect(faults({ [rest]: 'https://demo-api.binance.com' })).toEqual([]);
  });
});

describe("a folder of one's own", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'breakwater-config-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['an unknown key', 'http:\n  prot: 1\n', /http\.prot in .*default\.yaml: there is no such setting; did you mean http\.port\?/],
    ['a wrong type', 'http:\n  port: high\n', /http\.port in .*default\.yaml: must be a whole number/],
    [
      'an unknown key of a venue',
      'venues:\n  binance:\n    restUlr: http://x\n    restUrl: http://x\n    wsUrl: ws://x\n',
      /did you mean venues\.binance\.restUrl\?/,
    ],
    [
      'a venue without an address',
      'venues:\n  binance:\n    wsUrl: ws://x\n',
      /venues\.binance\.restUrl \(BREAKWATER_VENUES_BINANCE_REST_URL\): is missing/,
    ],
    ['broken YAML', 'http: [\n', /default\.yaml: is not YAML/],
    ['no settings at all', 'hello\n', /default\.yaml: expected settings by name/],
  ])('%s is refused with the file it stands in', (_, text, expected) => {
    writeFileSync(path.join(folder, 'default.yaml'), text);
    expect(faults({}, folder).join()).toMatch(expected);
  });

  test('needs only what differs from the defaults', () => {
    writeFileSync(path.join(folder, 'default.yaml'), 'http:\n  port: 4181\n');
    const settings = loadSettings({ env: {}, configDir: folder });
    expect(settings.http.port).toBe(4181);
    expect(settings.orders.ackTimeoutMs).toBe(5000);
  });
});
