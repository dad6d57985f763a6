import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decimal } from '#libs/kernel';
import { freePort, startProcess, untilReady, type Started } from '../processes.js';
import type { Target } from './protocol.js';

/**
 * What is measured, each in processes of its own: a simulated venue by itself for the clients, and a whole `npm start` (embedded
 * Postgres, gateway, simulated venue) for the gateway. Two venues, because the gateway listens to its account's private stream and
 * would otherwise work through the orders of the others.
 */
export interface Stack {
  /** Straight to the venue: no gateway listens there. */
  readonly venue: Target;
  /** Through the gateway. */
  readonly gateway: Target;
  stop(): Promise<void>;
}

interface SimulatedAccount {
  readonly account: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** @param root the folder of the checkout, built. */
export async function startStack(root: string): Promise<Stack> {
  const folder = await mkdtemp(path.join(tmpdir(), 'breakwater-bench-'));
  const started: Started[] = [];
  const stop = async (): Promise<void> => {
    for (const one of started.toReversed()) await one.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const venue = await startSimulator(root, folder, started);
    const gateway = await startGateway(root, folder, started);
    return { venue, gateway, stop };
  } catch (failure) {
    await stop();
    throw failure;
  }
}

/** The simulated venue alone, with its limits lifted. */
async function startSimulator(root: string, folder: string, started: Started[]): Promise<Target> {
  const port = await freePort();
  const environment = { BREAKWATER_SIMULATOR_PORT: String(port), BREAKWATER_SIMULATOR_LIMITS: 'unlimited' };
  const simulator = startProcess('dist/apps/venue-simulator/src/main.js', [], environment, root, path.join(folder, 'simulator.log'));
  started.push(simulator);
  await untilReady(simulator, `http://127.0.0.1:${port}/_sim/accounts`);
  return targetOf(port, '', '');
}

async function startGateway(root: string, folder: string, started: Started[]): Promise<Target> {
  const [port, simulatorPort] = [await freePort(), await freePort()];
  const home = path.join(folder, 'state');
  const environment = {
    BREAKWATER_HOME: home,
    BREAKWATER_PORT: String(port),
    BREAKWATER_SIMULATOR_PORT: String(simulatorPort),
    BREAKWATER_SIMULATOR_LIMITS: 'unlimited',
    NODE_ENV: 'production',
  };
  const supervisor = startProcess('apps/cli/bin/run.mjs', ['start'], environment, root, path.join(folder, 'gateway.log'));
  started.push(supervisor);
  await untilReady(supervisor, `http://127.0.0.1:${port}/health/ready`);
  const key = (await readFile(path.join(home, 'admin-key'), 'utf8')).trim();
  return targetOf(simulatorPort, `http://127.0.0.1:${port}`, key);
}

/** Far below the market, and still within the venue's price filter. */
const PRICE_OF_BID = '0.8';

async function targetOf(simulatorPort: number, gatewayUrl: string, gatewayKey: string): Promise<Target> {
  const simulator = `http://127.0.0.1:${simulatorPort}`;
  const accounts = await getJson<SimulatedAccount[]>(`${simulator}/_sim/accounts`);
  const account = accounts.find((one) => one.account === 'binance-sim');
  if (account === undefined) throw new Error('the simulated venue has no account binance-sim');
  const ticker = await getJson<{ bidPrice: string }>(`${simulator}/binance/api/v3/ticker/bookTicker?symbol=BTCUSDT`);
  return {
    venueUrl: `${simulator}/binance`,
    venueWsUrl: `ws://127.0.0.1:${simulatorPort}/binance`,
    apiKey: account.apiKey,
    apiSecret: account.apiSecret,
    gatewayUrl,
    gatewayKey,
    price: decimal(ticker.bidPrice).times(PRICE_OF_BID).round(0).toFixed(2),
  };
}

async function getJson<T>(url: string): Promise<T> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return (await answer.json()) as T;
}
