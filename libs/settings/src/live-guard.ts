import type { SettingsValues, VenueSettings } from './schema.js';

/** A setting that does not fit the environment. */
export interface Misdirection {
  readonly path: readonly string[];
  readonly problem: string;
}

const ADDRESSES = ['restUrl', 'wsUrl', 'wsApiUrl'] as const;
const LOCAL = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|\[::ffff:7f.*\])$/;

/**
 * Real money must not be traded by accident, and practice must not be taken for trading: `sandbox` never points at a live
 * host, `live` points at nothing else, and only over TLS. What breaks a process on purpose has no place in `live` at all.
 */
export function misdirections(settings: SettingsValues): Misdirection[] {
  return [...deadly(settings), ...misdirectedVenues(settings)];
}

function deadly({ environment, crashAt }: SettingsValues): Misdirection[] {
  if (environment !== 'live' || crashAt === undefined) return [];
  return [{ path: ['crashAt'], problem: 'kills the process on purpose, which is refused while BREAKWATER_ENV is live' }];
}

function misdirectedVenues(settings: SettingsValues): Misdirection[] {
  return Object.entries(settings.venues).flatMap(([id, venue]) => {
    if (!venue.enabled) return [];
    return ADDRESSES.flatMap((key) => {
      const address = venue[key];
      const problem = address === undefined ? null : fault(settings.environment, new URL(address), venue);
      return problem === null ? [] : [{ path: ['venues', id, key], problem }];
    });
  });
}

function fault(environment: SettingsValues['environment'], address: URL, venue: VenueSettings): string | null {
  const host = address.hostname.toLowerCase().replace(/\.$/, '');
  const isLive = isAmong(host, venue.liveHosts) && !isAmong(host, venue.testHosts);
  if (environment === 'sandbox') return isLive ? `points at ${host}, which trades real money, while BREAKWATER_ENV is sandbox` : null;
  if (LOCAL.test(host)) return `points at ${host}, which is no live venue, while BREAKWATER_ENV is live`;
  if (!isLive) return `points at ${host}, which is not among the venue's liveHosts, while BREAKWATER_ENV is live`;
  return address.protocol === 'https:' || address.protocol === 'wss:' ? null : 'must be https:// or wss:// while BREAKWATER_ENV is live';
}

function isAmong(host: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matches(host, pattern.toLowerCase()));
}

function matches(host: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern;
}
