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
    const venue = await targetOf(await startSimulator(root, path.join(folder, 'venue.log'), started), '', '');
    const behind = await startSimulator(root, path.join(folder, 'venue-of-gateway.log'), started);
    const gateway = await startGateway(root, folder, behind, started);
    return { venue, gateway, stop };
  } catch (failure) {
    await stop();
    throw failure;
  }
}

/** A simulated venue with its limits lifted. Answers its port. */
async function startSimulator(root: string, log: string, started: Started[]): Promise<number> {
  const port = await freePort();
  const simulator = startProcess('dist/apps/venue-simulator/src/main.js', [], { BREAKWATER_SIMULATOR_PORT: String(port) }, root, log);
  started.push(simulator);
  await untilReady(simulator, `http://127.0.0.1:${port}/_sim/accounts`);
  const reset = await fetch(`http://127.0.0.1:${port}/_sim/reset`, { method: 'POST', body: '{"seed":1,"limits":"unlimited"}' });
  if (!reset.ok) throw new Error(`the simulator did not lift its limits: ${reset.status} ${await reset.text()}`);
  return port;
}

/** Everything that `npm start` starts, with a fresh database, in front of a simulated venue that already runs. */
async function startGateway(root: string, folder: string, simulatorPort: number, started: Started[]): Promise<Target> {
  const port = await freePort();
  const home = path.join(folder, 'state');
  const environment = {
    BREAKWATER_HOME: home,
    BREAKWATER_PORT: String(port),
    BREAKWATER_SIMULATOR: 'external',
    BREAKWATER_SIMULATOR_PORT: String(simulatorPort),
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
