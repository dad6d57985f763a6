import type { VenueProtocol } from '../../server/protocol.js';
import type { SimulatorWorld } from '../../server/world.js';
import { BinanceProtocol } from './binance-protocol.js';

/** The protocol of Binance spot, for `startSimulator`. */
export function createBinanceProtocol(world: SimulatorWorld): VenueProtocol {
  return new BinanceProtocol(world);
}
