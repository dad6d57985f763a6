import type { OrderSender, Target } from './protocol.js';

export function adapterSender(target: Target): Promise<OrderSender> {
  throw new Error(`no adapter for ${target.venueUrl}`);
}
