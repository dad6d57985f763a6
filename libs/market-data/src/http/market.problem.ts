import { VenueError } from '#libs/exchanges/contract';
import { invalidRequest, ProblemException, problemFromVenueError } from '#libs/http';
import type { Result } from '#libs/kernel';
import type { Market, NoMarket } from '../application/market-reader.js';

/**
 * The answer, or the problem that tells a client why there is none.
 * @throws {ProblemException}
 */
export async function answered<T>(market: Market, asked: Promise<Result<T, NoMarket>>): Promise<T> {
  const result = await asked.catch((error: unknown) => {
    throw error instanceof VenueError ? problemFromVenueError(error) : error;
  });
  if (result.ok) return result.value;
  throw problemOf(result.error, market);
}

function problemOf(reason: NoMarket, { venue, symbol }: Market): ProblemException {
  switch (reason) {
    case 'venue-not-found':
      return venueNotFound(venue);
    case 'instrument-not-found':
      return new ProblemException(
        'instrument-not-found',
        `${venue} has no instrument ${symbol}; GET /v1/venues/${venue}/instruments lists them`,
      );
    case 'markets-not-loaded':
      return new ProblemException('venue-unavailable', `the markets of ${venue} are not loaded yet`);
    case 'no-such-interval':
      return invalidRequest([{ path: '/interval', message: `is not an interval of ${venue}; GET /v1/venues/${venue} lists them` }]);
  }
}

export function venueNotFound(venue: string): ProblemException {
  return new ProblemException('venue-not-found', `there is no venue ${venue}; GET /v1/venues lists them`);
}
