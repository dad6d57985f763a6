import type { HttpTransport, SocketFactory } from '#libs/exchanges/transport';
import type { VirtualProcess } from '../time/virtual-process.js';
import { SimHttp } from './sim-http.js';
import { SimSockets } from './sim-sockets.js';
import type { Latency, SimNetworkOptions, Wire } from './wire.js';

/** Which way nothing passes. */
export type Direction = 'to-venue' | 'from-venue' | 'both';

/** What a replica's adapter is given for a network. */
export interface SimLink {
  readonly http: HttpTransport;
  readonly connectSocket: SocketFactory;
}

const LATENCY: Latency = { baseMs: 2, jitterMs: 8 };

/** The network between replicas and one venue, on virtual time. */
export class SimNetwork {
  private readonly options: Required<SimNetworkOptions>;
  private readonly blocked = new Map<string, Direction>();
  private links = 0;

  constructor(options: SimNetworkOptions) {
    this.options = { latency: LATENCY, ...options };
  }

  /** Ties a process to the network. A replica that starts again is a new process with the same name, and gets a new link. */
  link(process: VirtualProcess): SimLink {
    this.links += 1;
    const random = this.options.random.fork(`link/${this.links}`);
    const { baseMs, jitterMs } = this.options.latency;
    const wire: Wire = {
      ...this.options,
      random,
      process,
      ip: addressOf(process.name),
      latencyMs: () => baseMs + random.next() * jitterMs,
      blocks: (direction) => {
        const blocked = this.blocked.get(process.name);
        return blocked === 'both' || blocked === direction;
      },
    };
    const sockets = new SimSockets(wire);
    return { http: new SimHttp(wire), connectSocket: sockets.connect };
  }

  /** Nothing passes this way between a replica and the venue any more, until `restore`. Nobody is told. */
  partition(replica: string, direction: Direction): void {
    this.blocked.set(replica, direction);
  }

  /** Without a name: everywhere. */
  restore(replica?: string): void {
    if (replica === undefined) this.blocked.clear();
    else this.blocked.delete(replica);
  }

  /** Everything works from now on: partitions, chances, bans, maintenance are over. What is lost stays lost. */
  heal(): void {
    this.options.faults.heal();
    this.options.venue.heal();
    this.restore();
  }
}

/** The same for the same name, so that limits by address go on after a restart. */
function addressOf(name: string): string {
  let sum = 0;
  for (let at = 0; at < name.length; at += 1) sum = (sum * 31 + name.charCodeAt(at)) % 65_025;
  return `10.0.${Math.floor(sum / 255)}.${(sum % 255) + 1}`;
}
