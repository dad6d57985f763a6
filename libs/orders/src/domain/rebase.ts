import { ZERO } from '#libs/kernel';
import { isFinal } from '#libs/model';
import type { OrderState } from './order.js';
import type { OrderEvent, ReportedChange } from './order-event.js';

/**
 * What is left of an event that was decided on a state which another replica has moved on meanwhile. A fact stays a fact as far as it is
 * still news; a conclusion or a permit of ours counts only on the state that it was drawn from.
 * @returns `null` where nothing is left.
 */
export function rebase(state: OrderState, event: OrderEvent): OrderEvent | null {
  switch (event.type) {
    case 'reported': {
      const change = stillNew(state, event.change);
      return change === null ? null : { ...event, change };
    }
    case 'refused':
      return isFinal(state.status) ? null : event;
    case 'not-sent':
      return isFinal(state.status) || state.acknowledgedAtMs !== null || state.openAttempt === null ? null : event;
    case 'outcome-unknown':
      return state.status === 'pending-new' && state.openAttempt !== null ? event : null;
    case 'cancel-requested':
      return isFinal(state.status) || state.cancelRequested ? null : event;
    case 'cancel-refused':
      return state.cancelRequested && !isFinal(state.status) ? event : null;
    case 'amend-refused':
      return state.amendRequested !== null ? event : null;
    case 'cancel-unknown':
      return state.cancelAttempt === null ? null : event;
    case 'amend-unknown':
      return state.amendAttempt === null ? null : event;
    case 'voided': {
      const fills = event.fills.filter((fill) => state.tradeIds.has(fill.venueTradeId));
      return fills.length === 0 || state.filledQuantity.lt(fills[0]!.quantity) ? null : { ...event, fills };
    }
    default:
      return null;
  }
}

function stillNew(state: OrderState, change: ReportedChange): ReportedChange | null {
  const fills = (change.fills ?? []).filter((fill) => fill.inferred !== true && !state.tradeIds.has(fill.venueTradeId));
  const { quantity, closed } = change;
  const lowers = quantity !== undefined && quantity.gt(ZERO) && (state.quantity === null || quantity.lt(state.quantity));
  const left: ReportedChange = {
    ...(change.venueOrderId !== undefined && state.venueOrderId === null ? { venueOrderId: change.venueOrderId } : {}),
    ...(change.acknowledged && state.acknowledgedAtMs === null ? { acknowledged: true as const } : {}),
    ...(lowers ? { quantity } : {}),
    ...(fills.length > 0 ? { fills } : {}),
    ...(fills.length > 0 && state.inferred.length > 0 ? { replaced: state.inferred } : {}),
    ...(closed !== undefined && !isFinal(state.status) && state.closing === null ? { closed } : {}),
  };
  if (Object.keys(left).length === 0) return null;
  return change.venueTimeMs === undefined ? left : { ...left, venueTimeMs: change.venueTimeMs };
}
