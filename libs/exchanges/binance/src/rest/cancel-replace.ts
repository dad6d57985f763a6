import { VenueError } from '#libs/exchanges/contract';
import type { VenueOrderReport } from '#libs/model';
import { errorFromCode } from './errors.js';
import { parseOrder, type ToSymbol } from './parse.js';
import { object } from './responses.js';

/** What became of the two halves of a cancel-replace. `null`: not attempted. */
export interface CancelReplaceAnswer {
  readonly canceled: VenueOrderReport | VenueError | null;
  readonly placed: VenueOrderReport | VenueError | null;
}

/** The answer of `order/cancelReplace`, or the `data` of its error: -2021 where one half failed, -2022 where both did. */
export function parseCancelReplace(value: unknown, toSymbol: ToSymbol): CancelReplaceAnswer {
  const raw = object(value, 'cancel-replace');
  return { canceled: parseHalf(raw['cancelResponse'], toSymbol), placed: parseHalf(raw['newOrderResponse'], toSymbol) };
}

function parseHalf(value: unknown, toSymbol: ToSymbol): VenueOrderReport | VenueError | null {
  if (value === null || value === undefined) return null;
  const { code, msg } = object(value, 'half') as { code?: unknown; msg?: unknown };
  if (typeof code !== 'number') return parseOrder(value, toSymbol);
  // Each half was decided by the venue itself: its code stands as it would alone under HTTP 400.
  return errorFromCode('command', { status: 400, code, message: typeof msg === 'string' ? msg : '', retryAfter: null }, 0);
}
