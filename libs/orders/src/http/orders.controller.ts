import { Body, Controller, Delete, Get, Headers, Inject, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CurrentKey, accountsOf, mayUseAccount } from '#libs/access';
import type { AuthenticatedKey } from '#libs/access';
import {
  ProblemException,
  Problems,
  Scopes,
  apiOk,
  decodeCursor,
  nameSchema,
  pageFrom,
  pageOf,
  pageQuery,
  symbolSchema,
  uuidSchema,
} from '#libs/http';
import type { Page } from '#libs/http';
import { ok } from '#libs/kernel';
import type { OrderId } from '#libs/kernel';
import { ORDER_STATUSES, isFinal } from '#libs/model';
import type { OrderStatus } from '#libs/model';
import { AccountRouting, relayed } from '#libs/replicas';
import { AmendOrderService } from '../application/amend-order.service.js';
import { CancelOrderService, notFound } from '../application/cancel-order.service.js';
import type { OrderRequest } from '../application/order-request.js';
import { PreviewOrderService } from '../application/preview-order.service.js';
import { ReadOrdersService } from '../application/read-orders.service.js';
import { SubmitOrderService } from '../application/submit-order.service.js';
import { callerOf, correlation, guardAccount } from './caller.js';
import { asProblem, parseBatchItem, submissionAnswer } from './order-answers.js';
import { HOP_PROBLEMS, SUBMIT_PROBLEMS } from './order-problems.js';
import { OrderRouting } from './order-routing.js';
import { orderResponse, previewResponse } from './order.response.js';
import { amendSchema, batchSchema, cancelAllSchema, orderOut, orderRequestSchema, previewOut } from './order.schemas.js';
import type { OrderOut } from './order.schemas.js';
import { problemOf } from './problem.mapper.js';

const OPEN_STATUSES = ORDER_STATUSES.filter((status) => !isFinal(status));

const listSchema = z.strictObject({
  ...pageQuery,
  account: nameSchema.optional(),
  symbol: symbolSchema.optional(),
  status: z.enum(['open', ...ORDER_STATUSES]).optional(),
  clientOrderId: z.string().max(64).optional(),
});

const positionSchema = z.strictObject({ id: uuidSchema });
const idSchema = z.strictObject({ id: z.string().max(64) });

@ApiTags('orders')
@Controller('/v1/orders')
export class OrdersController {
  constructor(
    @Inject(SubmitOrderService) private readonly submits: SubmitOrderService,
    @Inject(CancelOrderService) private readonly cancels: CancelOrderService,
    @Inject(AmendOrderService) private readonly amends: AmendOrderService,
    @Inject(PreviewOrderService) private readonly previews: PreviewOrderService,
    @Inject(ReadOrdersService) private readonly reads: ReadOrdersService,
    @Inject(OrderRouting) private readonly orderRouting: OrderRouting,
    @Inject(AccountRouting) private readonly routing: AccountRouting,
  ) {}

  @Post()
  @Scopes('orders:write')
  @ApiOperation({
    summary: 'Place an order',
    description: 'Safe to repeat with the same `Idempotency-Key` or `clientOrderId`: the same body answers the same order.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Binds this request to one order, for ever.' })
  @apiOk(orderOut, 201, 'The venue has acknowledged the order')
  @apiOk(orderOut, 202, 'No verdict from the venue yet; the gateway goes on finding out')
  @apiOk(orderOut, 200, 'The order of an earlier, equal request (`Idempotent-Replayed: true`)')
  @Problems(...SUBMIT_PROBLEMS)
  async submit(
    @Body({ schema: orderRequestSchema }) body: OrderRequest,
    @CurrentKey() key: AuthenticatedKey,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderOut | string> {
    guardAccount(key, body.account);
    const caller = callerOf(key, idempotencyKey);
    const routed = await this.orderRouting.route(request, request.body, body, caller.idempotencyKey);
    if (routed.kind === 'answered') return relayed(routed.answer, reply);
    const answer = submissionAnswer(
      routed.kind === 'found'
        ? ok({ order: routed.order, replayed: false })
        : await this.submits.submit(body, { ...caller, idempotencyKey: routed.idempotencyKey }),
    );
    if (answer.replayed) reply.header('Idempotent-Replayed', 'true');
    reply.status(answer.status);
    return answer.body;
  }

  @Post('batch')
  @Scopes('orders:write')
  @ApiOperation({
    summary: 'Place several orders',
    description: 'Per item an order or a problem, in the order sent. Each item stands for itself.',
  })
  @apiOk(z.object({ data: z.array(z.unknown()) }), 200, 'Per item an order or a problem')
  @Problems('invalid-request')
  async batch(
    @Body({ schema: batchSchema }) body: z.output<typeof batchSchema>,
    @CurrentKey() key: AuthenticatedKey,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ data: unknown[] }> {
    reply.status(200);
    const data = await Promise.all(body.orders.map((item) => this.batchItem(item, key, request)));
    return { data };
  }

  @Post('preview')
  @Scopes('orders:read')
  @ApiOperation({ summary: 'Check an order without sending it' })
  @apiOk(previewOut)
  @Problems('account-not-found', 'instrument-not-found', ...HOP_PROBLEMS)
  async preview(
    @Body({ schema: orderRequestSchema }) body: OrderRequest,
    @CurrentKey() key: AuthenticatedKey,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<unknown> {
    guardAccount(key, body.account);
    const elsewhere = await this.routing.relay(request, reply, body.account, true);
    if (elsewhere !== null) return elsewhere;
    const result = this.previews.preview(body);
    if (!result.ok) throw problemOf(result.error);
    reply.status(200);
    return previewResponse(result.value);
  }

  @Post('cancel-all')
  @Scopes('orders:write')
  @ApiOperation({ summary: 'Cancel everything open', description: 'Each open order of the account, or of one symbol, by its own id.' })
  @apiOk(z.object({ data: z.array(z.unknown()) }), 200, 'Per order the order, or a problem where it was not canceled')
  @Problems('account-not-found', ...HOP_PROBLEMS)
  async cancelAll(
    @Body({ schema: cancelAllSchema }) body: z.output<typeof cancelAllSchema>,
    @CurrentKey() key: AuthenticatedKey,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ data: unknown[] } | string> {
    guardAccount(key, body.account);
    const elsewhere = await this.routing.relay(request, reply, body.account, true);
    if (elsewhere !== null) return elsewhere;
    const results = await this.cancels.cancelAll(body.account, body.symbol ?? null, callerOf(key, undefined));
    reply.status(200);
    return {
      data: results.map(({ order, problem }) => (problem === null ? orderResponse(order) : problemOf(problem).toBody(correlation()))),
    };
  }

  @Get()
  @Scopes('orders:read')
  @ApiOperation({ summary: 'The blotter, newest first', description: '`status=open` is all that can still trade.' })
  @apiOk(pageOf(orderOut))
  @Problems('invalid-request', 'database-unavailable')
  async list(
    @Query({ schema: listSchema }) query: z.output<typeof listSchema>,
    @CurrentKey() key: AuthenticatedKey,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page<OrderOut> | string> {
    const { limit, cursor, account, symbol, status, clientOrderId } = query;
    if (account !== undefined) {
      guardAccount(key, account);
      const newest = await this.routing.relayRead(request, reply, account);
      if (newest !== null) return newest;
    }
    const before = cursor === undefined ? null : (decodeCursor(cursor, positionSchema).id as OrderId);
    const rows = await this.reads.list({
      accounts: account === undefined ? accountsOf(key) : [account],
      symbol: symbol ?? null,
      statuses: statusesOf(status),
      clientOrderId: clientOrderId ?? null,
      before,
      limit: limit + 1,
    });
    return pageFrom(rows, limit, (row) => ({ id: row.terms.id }), orderResponse);
  }

  @Get(':id')
  @Scopes('orders:read')
  @ApiOperation({ summary: 'One order' })
  @apiOk(orderOut)
  @Problems('order-not-found')
  async one(
    @Param({ schema: idSchema }) { id }: { id: string },
    @CurrentKey() key: AuthenticatedKey,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderOut | string> {
    const state = await this.ownOrder(id, key);
    return (await this.routing.relayRead(request, reply, state.terms.account)) ?? orderResponse(state);
  }

  @Delete(':id')
  @Scopes('orders:write')
  @ApiOperation({ summary: 'Cancel an order', description: '200 with the order when its end is known, 202 while the outcome is open.' })
  @apiOk(orderOut, 200, 'The order has ended')
  @apiOk(orderOut, 202, 'The outcome is still open')
  @Problems('order-not-found', 'order-not-cancelable', 'cancel-rejected', 'database-unavailable', 'venue-unavailable', ...HOP_PROBLEMS)
  async cancel(
    @Param({ schema: idSchema }) { id }: { id: string },
    @CurrentKey() key: AuthenticatedKey,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderOut | string> {
    const { terms } = await this.ownOrder(id, key);
    const elsewhere = await this.routing.relay(request, reply, terms.account, true);
    if (elsewhere !== null) return elsewhere;
    const result = await this.cancels.cancel(id, callerOf(key, undefined));
    if (!result.ok) throw problemOf(result.error);
    reply.status(isFinal(result.value.status) ? 200 : 202);
    return orderResponse(result.value);
  }

  @Patch(':id')
  @Scopes('orders:write')
  @ApiOperation({
    summary: 'Amend an order in place',
    description: 'Native where the venue has it, else refused: nothing is canceled and placed anew behind your back.',
  })
  @apiOk(orderOut)
  @apiOk(orderOut, 202, 'The outcome is still open')
  @Problems(
    'order-not-found',
    'order-not-amendable',
    'unsupported-by-venue',
    'filter-violation',
    'amend-rejected',
    'database-unavailable',
    'kill-switch-engaged',
    ...HOP_PROBLEMS,
  )
  async amend(
    @Param({ schema: idSchema }) { id }: { id: string },
    @Body({ schema: amendSchema }) body: z.output<typeof amendSchema>,
    @CurrentKey() key: AuthenticatedKey,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<OrderOut | string> {
    const { terms } = await this.ownOrder(id, key);
    // Amended twice, an order may undo what another one amended in between: never repeated.
    const elsewhere = await this.routing.relay(request, reply, terms.account, false);
    if (elsewhere !== null) return elsewhere;
    const result = await this.amends.amend(id, { quantity: body.quantity ?? null, price: body.price ?? null }, callerOf(key, undefined));
    if (!result.ok) throw problemOf(result.error);
    reply.status(result.value.open ? 202 : 200);
    return orderResponse(result.value.order);
  }

  private async batchItem(item: unknown, key: AuthenticatedKey, request: FastifyRequest): Promise<unknown> {
    const order = parseBatchItem(item);
    try {
      if (order instanceof ProblemException) throw order;
      guardAccount(key, order.account);
      const routed = await this.orderRouting.route(request, item, order, null);
      if (routed.kind === 'answered') return JSON.parse(routed.answer.body) as unknown;
      if (routed.kind === 'found') return submissionAnswer(ok({ order: routed.order, replayed: false })).body;
      const { idempotencyKey } = routed;
      return submissionAnswer(await this.submits.submit(order, { ...callerOf(key, undefined), idempotencyKey })).body;
    } catch (error) {
      return asProblem(error).toBody(correlation());
    }
  }

  /** An order of an account the key may not use is not there for it. */
  private async ownOrder(id: string, key: AuthenticatedKey) {
    const state = await this.reads.one(id);
    if (state === null || !mayUseAccount(key, state.terms.account)) throw problemOf(notFound(id));
    return state;
  }
}

function statusesOf(status: OrderStatus | 'open' | undefined): readonly OrderStatus[] | null {
  if (status === undefined) return null;
  return status === 'open' ? OPEN_STATUSES : [status];
}
