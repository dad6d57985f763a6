import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { apiOk, decodeCursor, encodeCursor, pageOf, Problems, Scopes } from '#libs/http';
import type { Page } from '#libs/http';
import { MarketReader } from '../application/market-reader.js';
import { answered } from './market.problem.js';
import { bookResponse, candleResponse, tickerResponse, tradeResponse } from './market.response.js';
import { bookOut, bookQuery, candleOut, candlesQuery, tickerOut, tickerQuery, tradeOut, tradesQuery } from './market.schemas.js';

const candlePosition = z.strictObject({ sinceMs: z.int() });

/** Every route of this controller asks a venue, and can fail as a venue fails. */
const MarketProblems = (): MethodDecorator =>
  Problems(
    'invalid-request',
    'venue-not-found',
    'instrument-not-found',
    'venue-unavailable',
    'rate-limited',
    'ip-banned',
    'unreadable-answer',
  );

@ApiTags('market')
@Controller('/v1/market')
export class MarketController {
  constructor(@Inject(MarketReader) private readonly reader: MarketReader) {}

  @Get('book')
  @Scopes('market:read')
  @ApiOperation({
    summary: "The order book, kept from the venue's stream",
    description:
      'The first request for a symbol starts its book and waits up to three seconds for it. `stale: false` means that the book is proven by sequence.',
  })
  @apiOk(bookOut)
  @MarketProblems()
  async book(@Query({ schema: bookQuery }) query: z.output<typeof bookQuery>): Promise<z.output<typeof bookOut>> {
    return bookResponse(query.venue, await answered(query, this.reader.book(query, query.depth)));
  }

  @Get('ticker')
  @Scopes('market:read')
  @ApiOperation({ summary: 'The last 24 hours', description: 'At most one second old.' })
  @apiOk(tickerOut)
  @MarketProblems()
  async ticker(@Query({ schema: tickerQuery }) query: z.output<typeof tickerQuery>): Promise<z.output<typeof tickerOut>> {
    return tickerResponse(query.venue, await answered(query, this.reader.ticker(query)));
  }

  @Get('trades')
  @Scopes('market:read')
  @ApiOperation({ summary: 'The newest public trades, newest last', description: 'At most one second old.' })
  @apiOk(pageOf(tradeOut))
  @MarketProblems()
  async trades(@Query({ schema: tradesQuery }) query: z.output<typeof tradesQuery>): Promise<Page<z.output<typeof tradeOut>>> {
    const trades = await answered(query, this.reader.recentTrades(query, query.limit));
    return { data: trades.map(tradeResponse), nextCursor: null };
  }

  @Get('candles')
  @Scopes('market:read')
  @ApiOperation({
    summary: 'Candles, oldest first',
    description: 'From `since` on, or the newest without it. The last one may still be open.',
  })
  @apiOk(pageOf(candleOut))
  @MarketProblems()
  async candles(@Query({ schema: candlesQuery }) query: z.output<typeof candlesQuery>): Promise<Page<z.output<typeof candleOut>>> {
    const { interval, limit, since, cursor } = query;
    const sinceMs = cursor === undefined ? (since ?? null) : decodeCursor(cursor, candlePosition).sinceMs;
    const candles = await answered(query, this.reader.candlesOf(query, { interval, sinceMs, limit }));
    const last = sinceMs === null || candles.length < limit ? undefined : candles.at(-1);
    return { data: candles.map(candleResponse), nextCursor: last === undefined ? null : encodeCursor({ sinceMs: last.openTimeMs + 1 }) };
  }
}
