import { setTimeout as delay } from 'node:timers/promises';
import type { Settings } from '#libs/settings';

const POLL_MS = 30;
const ANSWER_MS = 1000;

/** Address of the simulator as others use it; `null` where the settings have none. */
export function simulatorUrl(settings: Settings, port: number): string | null {
  if (settings.simulator.mode === 'off') return null;
  const { host } = settings.simulator;
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/** Whether a simulator answers at that address within the time. */
export async function answersAsSimulator(url: string, withinMs: number, signal: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  do {
    if (await answers(`${url}/_sim/accounts`)) return true;
    await delay(POLL_MS);
  } while (performance.now() < deadline && !signal.aborted);
  return false;
}

async function answers(address: string): Promise<boolean> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(ANSWER_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
