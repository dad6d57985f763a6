import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Exchange } from '#libs/exchanges/contract';
import { apiOk, decodeCursor, pageFrom, pageOf, Problems, Scopes } from '#libs/http';
import type { Page } from '#libs/http';
import { MarketReader } from '../application/market-reader.js';
import { venueNotFound } from './market.problem.js';
import { instrumentResponse, venueDetailResponse, venueResponse } from './market.response.js';
import { instrumentOut, instrumentsQuery, venueDetailOut, venueOut, venueParam } from './market.schemas.js';

const instrumentPosition = z.strictObject({ after: z.string() });

@ApiTags('market')
@Controller('/v1/venues')
export class VenuesController {
  constructor(@Inject(MarketReader) private readonly reader: MarketReader) {}

  @Get()
  @Scopes('market:read')
  @ApiOperation({ summary: 'The venues of this gateway' })
  @apiOk(pageOf(venueOut))
  list(): Page<z.output<typeof venueOut>> {
    const data = this.reader.all().map((exchange) => venueResponse(exchange, exchange.status()));
    return { data, nextCursor: null };
  }

  @Get(':venue')
  @Scopes('market:read')
  @ApiOperation({ summary: 'One venue: what it can do, and how it is' })
  @apiOk(venueDetailOut)
  @Problems('venue-not-found')
  one(@Param({ schema: venueParam }) { venue }: z.output<typeof venueParam>): z.output<typeof venueDetailOut> {
    const exchange = this.exchange(venue);
    return venueDetailResponse(exchange, exchange.status());
  }

  @Get(':venue/instruments')
  @Scopes('market:read')
  @ApiOperation({ summary: 'The instruments of a venue, by symbol' })
  @apiOk(pageOf(instrumentOut))
  @Problems('venue-not-found', 'invalid-request')
  instruments(
    @Param({ schema: venueParam }) { venue }: z.output<typeof venueParam>,
    @Query({ schema: instrumentsQuery }) query: z.output<typeof instrumentsQuery>,
  ): Page<z.output<typeof instrumentOut>> {
    const { limit, cursor, symbol, base, quote } = query;
    const after = cursor === undefined ? '' : decodeCursor(cursor, instrumentPosition).after;
    const rows = this.exchange(venue)
      .instruments()
      .filter(
        (one) =>
          one.symbol > after &&
          (symbol ?? one.symbol) === one.symbol &&
          (base ?? one.base) === one.base &&
          (quote ?? one.quote) === one.quote,
      )
      // By code unit, as the cursor compares: the order must be the same on every machine.
      .toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1));
    return pageFrom(rows.slice(0, limit + 1), limit, (one) => ({ after: one.symbol }), instrumentResponse);
  }

  private exchange(venue: string): Exchange {
    const exchange = this.reader.find(venue);
    if (exchange === undefined) throw venueNotFound(venue);
    return exchange;
  }
}
