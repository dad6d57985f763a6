import { createBinanceExchange, type BinanceAccount, type BinanceExchange } from '#libs/exchanges/binance';
import { invariant, type IdSource } from '#libs/kernel';
import { SeededIdSource } from '../random/seeded-ids.js';
import type { SeededRandom } from '../random/seeded-random.js';
import type { VirtualProcess } from '../time/virtual-process.js';
import type { SimWorld } from './sim-world.js';

/** A process with a real adapter on the simulated network. */
export interface Replica {
  readonly process: VirtualProcess;
  readonly random: SeededRandom;
  readonly ids: IdSource;
  readonly exchange: BinanceExchange;
  /** A door to one of the venue's accounts, with the keys it has there. */
  account(name: string): BinanceAccount;
}

export interface ReplicaOptions {
  readonly name: string;
  /** How often this name was started before: a life of its own begins, with random numbers of its own. */
  readonly life?: number;
  /** How far its wall clock is off true time, ms. */
  readonly wallOffsetMs?: number;
  readonly recvWindowMs?: number;
}

/** A fresh process of that name; `exchange` is not started. After a kill, make another one. */
export function createReplica(world: SimWorld, { name, life = 0, wallOffsetMs = 0, recvWindowMs }: ReplicaOptions): Replica {
  const { time, network, venue } = world;
  const process = time.process(name, wallOffsetMs);
  const random = world.random.fork(`replica/${name}/${life}`);
  const { http, connectSocket } = network.link(process);
  const exchange = createBinanceExchange({
    restUrl: 'http://venue.test',
    wsUrl: 'ws://venue.test',
    clock: process.clock,
    scheduler: process.scheduler,
    random: random.fork('adapter').source,
    http,
    connectSocket,
    ...(recvWindowMs === undefined ? {} : { recvWindowMs }),
  });
  return {
    process,
    random,
    ids: new SeededIdSource(process.clock, random.fork('ids')),
    exchange,
    account: (account) => {
      const found = venue.exchange.accounts().find((one) => one.name === account);
      invariant(found !== undefined, 'the venue has this account');
      return exchange.account(account, { apiKey: found.apiKey, apiSecret: found.apiSecret });
    },
  };
}
