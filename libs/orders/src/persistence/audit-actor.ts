import type { OrderEvent, OrderState } from '../domain/index.js';

/** Who did it, in the words of the audit trail. */
export function actorOf(event: OrderEvent, state: OrderState): string {
  if (event.type === 'cancel-requested' || event.type === 'amend-requested')
    return event.apiKeyId === 'system' ? 'system' : `key:${event.apiKeyId}`;
  if (event.type === 'reported' || event.type === 'refused' || event.type === 'voided') return `venue:${state.terms.venue}`;
  return 'system';
}
