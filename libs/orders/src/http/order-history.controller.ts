import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CurrentKey, mayUseAccount } from '#libs/access';
import type { AuthenticatedKey } from '#libs/access';
import { Problems, Scopes, apiOk } from '#libs/http';
import { timeText } from '#libs/kernel';
import { notFound } from '../application/cancel-order.service.js';
import { ReadOrdersService } from '../application/read-orders.service.js';
import type { OrderHistory } from '../application/read-orders.service.js';
import { eventView } from './event.response.js';
import { fillResponse, orderResponse } from './order.response.js';
import { fillOut, orderEventOut, orderOut } from './order.schemas.js';
import { problemOf } from './problem.mapper.js';

const idSchema = z.strictObject({ id: z.string().max(64) });
const explainOut = z
  .object({
    order: orderOut,
    summary: z.array(z.string()),
    events: z.array(orderEventOut),
    fills: z.array(fillOut),
    openAttempt: z.object({ number: z.number(), pinnedAt: z.string(), notAfter: z.string(), requestHash: z.string() }).nullable(),
  })
  .meta({ id: 'OrderExplanation' });

/** The story of one order, event by event, and the evidence of its state on one page. */
@ApiTags('orders')
@Controller('/v1/orders/:id')
export class OrderHistoryController {
  constructor(@Inject(ReadOrdersService) private readonly reads: ReadOrdersService) {}

  @Get('events')
  @Scopes('orders:read')
  @ApiOperation({ summary: 'Everything that happened to an order' })
  @apiOk(z.object({ data: z.array(orderEventOut), nextCursor: z.null() }))
  @Problems('order-not-found', 'database-unavailable')
  async events(@Param({ schema: idSchema }) { id }: { id: string }, @CurrentKey() key: AuthenticatedKey): Promise<unknown> {
    const { events } = await this.own(id, key);
    return { data: events.map(eventView), nextCursor: null };
  }

  @Get('explain')
  @Scopes('orders:read')
  @ApiOperation({ summary: 'Why an order is in the state it is in' })
  @apiOk(explainOut)
  @Problems('order-not-found', 'database-unavailable')
  async explain(@Param({ schema: idSchema }) { id }: { id: string }, @CurrentKey() key: AuthenticatedKey): Promise<unknown> {
    const { state, events, fills } = await this.own(id, key);
    const attempt = state.openAttempt;
    return {
      order: orderResponse(state),
      summary: events.map((stored) => `${timeText(stored.atMs)} ${stored.event.type}`),
      events: events.map(eventView),
      fills: fills.map(fillResponse),
      openAttempt:
        attempt === null
          ? null
          : {
              number: attempt.number,
              pinnedAt: timeText(attempt.timestampMs),
              notAfter: timeText(attempt.notAfterMs),
              requestHash: attempt.hash,
            },
    };
  }

  private async own(id: string, key: AuthenticatedKey): Promise<OrderHistory> {
    const history = await this.reads.history(id);
    if (history === null || !mayUseAccount(key, history.state.terms.account)) throw problemOf(notFound(id));
    return history;
  }
}
