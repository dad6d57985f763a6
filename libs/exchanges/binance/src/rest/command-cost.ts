import type { VenueCommand } from '#libs/exchanges/contract';
import type { CallPriority } from '#libs/exchanges/transport';
import { WEIGHTS } from '../domain/weights.js';

/** Whose lane of the budget a command takes: what makes things safer goes before what adds risk. */
export function priorityOf(kind: VenueCommand['kind']): CallPriority {
  return kind === 'place' ? 'submit' : 'cancel';
}

/** Request weight where it fails; Binance charges nothing for a success since 2026-04-02. */
export function weightOf(kind: VenueCommand['kind']): number {
  return kind === 'amend' ? WEIGHTS.amend : WEIGHTS.order;
}
