import { isFinal } from '#libs/model';
import type { OrderState } from '../domain/index.js';

const STATES_MAX = 4_096;

/**
 * States of orders that can still change, by order and version, the latest used ones. An order has one state at one version, so
 * readers at different places do not disturb each other.
 */
export class FoldMemory {
  private readonly states = new Map<string, OrderState>();

  constructor(private readonly statesMax = STATES_MAX) {}

  /** The order as it stood after this version; `null` where that is not remembered. */
  at(orderId: string, version: number): OrderState | null {
    return this.states.get(keyOf(orderId, version)) ?? null;
  }

  keep(state: OrderState): void {
    if (isFinal(state.status)) return;
    const key = keyOf(state.terms.id, state.version);
    this.states.delete(key);
    this.states.set(key, state);
    if (this.states.size <= this.statesMax) return;
    const oldest = this.states.keys().next();
    if (!oldest.done) this.states.delete(oldest.value);
  }
}

function keyOf(orderId: string, version: number): string {
  return `${orderId} ${version}`;
}
