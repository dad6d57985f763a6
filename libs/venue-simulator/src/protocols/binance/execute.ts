import type { SimAccount } from '../../exchange/types.js';
import type { BinanceContext } from './context.js';
import type { Operation } from './operations/operation.js';
import type { Params } from './params.js';

/** One request, whichever way it came. */
export interface BinanceRequest {
  readonly operation: Operation;
  readonly params: Params;
  readonly ip: string;
  readonly label: string;
  /** Name of the account that the key belongs to, as far as is known before the signature is checked. */
  readonly claimedAccount: string | null;
  /** Checks key, timestamp and signature. @throws BinanceRefusal */
  readonly authenticate: () => SimAccount;
}

/**
 * Budget, parameter names, authentication, then the operation itself: the order in which Binance refuses.
 * @throws BinanceRefusal
 */
export function execute(context: BinanceContext, request: BinanceRequest): string {
  const { operation, params, ip, label } = request;
  const nowMs = context.nowMs();
  const onViolation = (limit: string, status: number): void => context.recordViolation(ip, request.claimedAccount, label, limit, status);
  context.limits.admit(ip, operation.freeOnSuccess ? 0 : operation.weight(params), nowMs, onViolation);
  try {
    if (operation.params !== null) params.refuseUnknown(operation.params);
    const account = operation.security === 'none' ? null : request.authenticate();
    return operation.run({ context, params, account, nowMs, ip, label });
  } catch (error) {
    if (operation.freeOnSuccess) context.limits.charge(ip, operation.weight(params), nowMs);
    throw error;
  }
}
