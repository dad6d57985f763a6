import type { Target } from './protocol.js';
import type { OrderSender } from './senders.js';

export function adapterSender(target: Target): Promise<OrderSender> {
  throw new Error(`no adapter for ${target.venueUrl}`);
}
