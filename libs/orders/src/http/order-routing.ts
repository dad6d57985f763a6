import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ProblemException } from '#libs/http';
import { IdSource } from '#libs/kernel';
import { AccountRouting, notSent, openOutcome } from '#libs/replicas';
import type { PeerAnswer } from '#libs/replicas';
import { OrderReader } from '../application/order-reader.js';
import { fingerprintOf } from '../application/order-request.js';
import type { OrderRequest } from '../application/order-request.js';
import type { OrderState } from '../domain/index.js';

/**
 * `here`: submit it in this process, under this key. `answered`: the replica that holds the account has answered. `found`: it did not answer
 * in time, and the journal holds the order.
 */
export type RoutedOrder =
  | { readonly kind: 'here'; readonly idempotencyKey: string | null }
  | { readonly kind: 'answered'; readonly answer: PeerAnswer }
  | { readonly kind: 'found'; readonly order: OrderState };

/** Takes a new order to the replica that holds its account. Whatever is handed on has a key, so that it may be repeated. */
@Injectable()
export class OrderRouting {
  constructor(
    @Inject(AccountRouting) private readonly routing: AccountRouting,
    @Inject(OrderReader) private readonly reader: OrderReader,
    @Inject(IdSource) private readonly ids: IdSource,
  ) {}

  /**
   * @param raw the order as the client wrote it.
   * @throws ProblemException where nobody answered: `not-ready` when nothing was sent, `unknown-outcome` with the key to repeat it under.
   */
  async route(request: FastifyRequest, raw: unknown, order: OrderRequest, idempotencyKey: string | null): Promise<RoutedOrder> {
    if (this.routing.isHere(order.account, request)) return { kind: 'here', idempotencyKey };
    const key = idempotencyKey ?? (order.clientOrderId === null ? `handed-on-${this.ids.uuid()}` : null);
    const outcome = await this.routing.handOn(request, order.account, true, {
      method: 'POST',
      path: '/v1/orders',
      body: raw,
      idempotencyKey: key,
    });
    if (outcome.kind === 'here') return { kind: 'here', idempotencyKey: key };
    if (outcome.kind === 'answered') return outcome;
    if (outcome.kind === 'not-sent') throw notSent(order.account);
    return { kind: 'found', order: await this.find(order, key) };
  }

  private async find(order: OrderRequest, key: string | null): Promise<OrderState> {
    const found = await this.read(order, key).catch(() => null);
    if (found === null) {
      if (key === null) throw openOutcome('repeat it with the same clientOrderId');
      throw openOutcome(`repeat it with Idempotency-Key: ${key}`, { 'Idempotency-Key': key });
    }
    if (found.terms.fingerprint === fingerprintOf(order)) return found;
    throw new ProblemException('idempotency-conflict', 'the key was used before with another body; nothing was sent', {
      orderId: found.terms.id,
    });
  }

  private async read(order: OrderRequest, key: string | null): Promise<OrderState | null> {
    const byKey = key === null ? null : await this.reader.byIdempotencyKey(order.account, key);
    if (byKey !== null || order.clientOrderId === null) return byKey;
    return this.reader.byClientOrderId(order.account, order.clientOrderId);
  }
}
