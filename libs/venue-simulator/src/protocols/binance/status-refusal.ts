import { BinanceRefusal } from './refusal.js';

/** Binance's usual body for an HTTP status, for faults that only name the status. */
export function statusRefusal(status: number): BinanceRefusal {
  const known = USUAL[status];
  if (known !== undefined) return new BinanceRefusal(known[0], known[1], status, null, status === 429 ? 1_000 : null);
  return status >= 500
    ? new BinanceRefusal(-1000, 'An unknown error occurred while processing the request.', status)
    : new BinanceRefusal(-1100, 'Illegal characters found in a parameter.', status);
}

const TIMEOUT = 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.';

const USUAL: Readonly<Record<number, readonly [code: number, message: string]>> = {
  401: [-2015, 'Invalid API-key, IP, or permissions for action.'],
  418: [-1003, 'Way too many requests; IP banned.'],
  429: [-1003, 'Too many requests; current limit is 6000 request weight per 1 MINUTE.'],
  451: [0, 'Service unavailable from a restricted location according to the terms of use.'],
  500: [-1001, 'Internal error; unable to process your request. Please try again.'],
  502: [-1006, 'An unexpected response was received from the message bus. Execution status unknown.'],
  503: [-1016, 'This service is no longer available.'],
  504: [-1007, TIMEOUT],
};
