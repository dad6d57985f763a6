import type { SimAccount } from '../../exchange/types.js';
import type { HttpCall, HttpReply } from '../../server/protocol.js';
import { htmlReply, jsonReply } from '../../server/protocol.js';
import { checkTimestamp } from './authentication.js';
import type { BinanceContext } from './context.js';
import { execute } from './execute.js';
import type { Operation } from './operations/operation.js';
import { OPERATIONS_BY_ROUTE } from './operations/table.js';
import { Params, readUrlEncoded, signedPayload } from './params.js';
import { BinanceRefusal, missingParameter, refusal, refusalJson } from './refusal.js';
import { SAPI_ROUTES } from './sapi.js';

/** The REST side: finds the operation, checks who asks, and writes Binance's headers. */
export class BinanceRest {
  constructor(private readonly context: BinanceContext) {}

  handle(call: HttpCall): HttpReply {
    const route = `${call.method} ${call.path}`;
    const operation = OPERATIONS_BY_ROUTE.get(route) ?? SAPI_ROUTES.get(route);
    if (operation === undefined) return this.unknown(call);
    const account = this.claimedAccount(call);
    try {
      const params = new Params(readUrlEncoded(call.query, call.body));
      const body = execute(this.context, {
        operation,
        params,
        ip: call.ip,
        label: route,
        claimedAccount: account,
        authenticate: () => this.authenticate(call, params),
      });
      return jsonReply(200, body, this.headers(call.ip, operation.countsOrders ? account : null));
    } catch (error) {
      if (!(error instanceof BinanceRefusal)) throw error;
      return this.refused(error, call.ip);
    }
  }

  /** The operation at a route, for fault matching. */
  operationAt(method: string, path: string): Operation | undefined {
    return OPERATIONS_BY_ROUTE.get(`${method} ${path}`);
  }

  /** Name of the account that the key header belongs to; `null` without one. */
  claimedAccount(call: HttpCall): string | null {
    const key = call.headers['x-mbx-apikey'];
    return typeof key === 'string' ? (this.context.exchange.accountByKey(key)?.name ?? null) : null;
  }

  refused(error: BinanceRefusal, ip: string): HttpReply {
    const headers = this.headers(ip, null);
    if (error.retryAfterMs !== null) headers.push('Retry-After', String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000))));
    return jsonReply(error.status, refusalJson(error), headers);
  }

  private authenticate(call: HttpCall, params: Params): SimAccount {
    const key = call.headers['x-mbx-apikey'];
    const signature = params.has('signature') ? params.required('signature') : null;
    if (key === undefined) throw refusal('keyFormat');
    if (!params.has('timestamp')) throw missingParameter('timestamp');
    if (signature === null) throw missingParameter('signature');
    const account = this.context.authentication.account(Array.isArray(key) ? key[0] : key);
    checkTimestamp(params, this.context.nowMs());
    this.context.authentication.verify(account, signedPayload(call.query, call.body), signature);
    return account;
  }

  private headers(ip: string, ordersOf: string | null): string[] {
    const { limits } = this.context;
    const nowMs = this.context.nowMs();
    const weight = String(limits.weightUsed(ip, nowMs));
    const headers = ['x-mbx-used-weight', weight, 'x-mbx-used-weight-1m', weight];
    if (ordersOf !== null) {
      const { tenSeconds, day } = limits.ordersUsed(ordersOf, nowMs);
      headers.push('x-mbx-order-count-10s', String(tenSeconds), 'x-mbx-order-count-1d', String(day));
    }
    return headers;
  }

  private unknown(call: HttpCall): HttpReply {
    if (call.path === '/api/v3/userDataStream') return htmlReply(410, 'Gone');
    if (/^\/api\/v3\/(orderList|allOrderList|openOrderList|order\/oco|sor)/.test(call.path))
      return this.refused(refusal('unsupported'), call.ip);
    const error = new BinanceRefusal(-1020, `Path ${call.path.slice(0, 100)}, Method ${call.method} is invalid`, 404);
    return this.refused(error, call.ip);
  }
}
