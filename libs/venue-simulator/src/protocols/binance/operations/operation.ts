import { invariant } from '#libs/kernel';
import type { SimAccount } from '../../../exchange/types.js';
import type { BinanceContext } from '../context.js';
import type { Params } from '../params.js';

/** One call of an operation, the same for REST and for the WebSocket API. */
export interface OperationCall {
  readonly context: BinanceContext;
  readonly params: Params;
  /** Whoever signed; `null` for public operations. */
  readonly account: SimAccount | null;
  readonly nowMs: number;
  readonly ip: string;
  /** `POST /api/v3/order`, `ws order.place`: for the ledger's list of broken limits. */
  readonly label: string;
}

/** What an operation needs of the caller. All but `none` are signed. */
export type Security = 'none' | 'signed';

/** One thing that can be asked of Binance. Both transports find it in the one table. */
export interface Operation {
  /** WebSocket API method; `null` where only REST has it. */
  readonly method: string | null;
  /** `GET /api/v3/order`; `null` where only the WebSocket API has it. */
  readonly route: string | null;
  readonly security: Security;
  /** Every parameter name that may come; `null` where anything may. */
  readonly params: ReadonlySet<string> | null;
  readonly weight: (params: Params) => number;
  /** Since 2026-04-02 a successful placement or cancel costs no weight; only a failed one does. */
  readonly freeOnSuccess: boolean;
  /** Answers carry the order counts. */
  readonly countsOrders: boolean;
  /** JSON of the result. @throws BinanceRefusal */
  readonly run: (call: OperationCall) => string;
}

interface OperationParts {
  readonly method?: string;
  readonly route?: string;
  readonly security?: Security;
  readonly params?: readonly string[] | null;
  readonly weight: number | ((params: Params) => number);
  readonly freeOnSuccess?: boolean;
  readonly countsOrders?: boolean;
  readonly run: (call: OperationCall) => string;
}

/** Names that authentication reads, on any signed operation. */
const SIGNED_NAMES = ['timestamp', 'recvWindow', 'signature', 'apiKey'];

export function operation(parts: OperationParts): Operation {
  const { weight, params = [], security = 'none' } = parts;
  return {
    method: parts.method ?? null,
    route: parts.route ?? null,
    security,
    params: params === null ? null : new Set(security === 'none' ? [...params, 'apiKey'] : [...params, ...SIGNED_NAMES]),
    weight: typeof weight === 'number' ? () => weight : weight,
    freeOnSuccess: parts.freeOnSuccess ?? false,
    countsOrders: parts.countsOrders ?? false,
    run: parts.run,
  };
}

/** The account of a signed call: the transports never run a signed operation without one. */
export function accountOf(call: OperationCall): SimAccount {
  invariant(call.account !== null, 'a signed operation has an account');
  return call.account;
}
