import { z } from 'zod';
import { mayUseAccount } from '#libs/access';
import type { AuthenticatedKey } from '#libs/access';
import { ProblemException, currentCorrelationId, parseInput } from '#libs/http';
import type { Caller } from '../application/order-request.js';
import { idempotencyKeySchema } from './order.schemas.js';

export function callerOf(key: AuthenticatedKey, idempotencyKey: string | undefined): Caller {
  const checked =
    idempotencyKey === undefined
      ? null
      : parseInput(z.object({ 'Idempotency-Key': idempotencyKeySchema }), { 'Idempotency-Key': idempotencyKey })['Idempotency-Key'];
  return { apiKeyId: key.id, idempotencyKey: checked, correlationId: currentCorrelationId() };
}

export function guardAccount(key: AuthenticatedKey, account: string): void {
  if (!mayUseAccount(key, account)) throw new ProblemException('forbidden', `this key may not use the account ${account}`);
}

export function correlation(): string {
  return currentCorrelationId() ?? '';
}
