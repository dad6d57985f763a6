import type { Fault } from '../../../faults/index.js';
import type { LiveSocket } from '../../../server/live-socket.js';
import type { BinanceContext } from '../context.js';
import { execute } from '../execute.js';
import { operation } from '../operations/operation.js';
import type { Operation } from '../operations/operation.js';
import { OPERATIONS_BY_METHOD } from '../operations/table.js';
import { BinanceRefusal, refusal, refusalJson } from '../refusal.js';
import { banned } from '../rate-limits.js';
import { statusRefusal } from '../status-refusal.js';
import type { UserDataStreams } from '../user-data.js';
import { WsApiSession } from './session.js';
import { readWsRequest } from './ws-params.js';
import type { WsRequest } from './ws-params.js';

export const WS_API_PATH = '/ws-api/v3';
const RETIRED = new Set(['userDataStream.start', 'userDataStream.ping', 'userDataStream.stop']);

/** One WebSocket API connection: the REST operations by their methods, and the session's own. */
export class WsApiConnection {
  private readonly session: WsApiSession;
  private readonly sessionOperations: ReadonlyMap<string, Operation>;

  constructor(
    private readonly context: BinanceContext,
    userData: UserDataStreams,
    private readonly socket: LiveSocket,
    query: string,
  ) {
    this.session = new WsApiSession(context, userData, socket, !query.includes('returnRateLimits=false'));
    this.sessionOperations = sessionOperations(this.session);
    socket.onMessage((text) => this.onMessage(text));
    socket.onClose(() => this.session.close());
    context.track(socket, 'api');
  }

  private onMessage(text: string): void {
    const request = readWsRequest(text);
    if ('refusal' in request) return this.socket.send(this.refused(request.idJson, request.refusal, null, true));
    const { faults, clock } = this.context.world;
    if (!faults.isEmpty) {
      const fault = faults.strikeRequest('binance', this.faultTarget(request), clock.nowMs());
      if (fault !== undefined) return this.goWrong(request, fault);
    }
    this.socket.send(this.answer(request));
  }

  /** The complete reply of a request, carried out. */
  private answer(request: WsRequest): string {
    const { idJson, method, params } = request;
    const withLimits = request.returnRateLimits ?? this.session.returnRateLimits;
    const found = OPERATIONS_BY_METHOD.get(method) ?? this.sessionOperations.get(method);
    try {
      if (found === undefined) throw unknownMethod(method);
      const result = execute(this.context, {
        operation: found,
        params,
        ip: this.socket.ip,
        label: `ws ${method}`,
        claimedAccount: this.accountName(request),
        authenticate: () => this.session.authenticate(params),
      });
      const limits = withLimits ? `,"rateLimits":${this.rateLimits(found.countsOrders ? this.accountName(request) : null)}` : '';
      return `{"id":${idJson},"status":200,"result":${result}${limits}}`;
    } catch (error) {
      if (!(error instanceof BinanceRefusal)) throw error;
      return this.refused(idJson, error, found?.countsOrders === true ? this.accountName(request) : null, withLimits);
    }
  }

  private refused(idJson: string, error: BinanceRefusal, ordersOf: string | null, withLimits: boolean): string {
    const nowMs = this.context.nowMs();
    const isLimit = error.retryAfterMs !== null && error.data === null;
    const data = isLimit ? `{"serverTime":${nowMs},"retryAfter":${nowMs + (error.retryAfterMs ?? 0)}}` : error.data;
    const json = refusalJson(new BinanceRefusal(error.code, error.message, error.status, data));
    const limits = withLimits ? `,"rateLimits":${this.rateLimits(ordersOf)}` : '';
    return `{"id":${idJson},"status":${error.status},"error":${json}${limits}}`;
  }

  private rateLimits(ordersOf: string | null): string {
    const { limits } = this.context;
    const nowMs = this.context.nowMs();
    const { weight, ordersTenSeconds, ordersDay } = limits.limits;
    let orders = '';
    if (ordersOf !== null) {
      const used = limits.ordersUsed(ordersOf, nowMs);
      orders =
        `{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":${ordersTenSeconds},"count":${used.tenSeconds}}` +
        `,{"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":${ordersDay},"count":${used.day}},`;
    }
    return `[${orders}{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":${weight},"count":${limits.weightUsed(this.socket.ip, nowMs)}}]`;
  }

  private accountName(request: WsRequest): string | null {
    const key = request.params.raw('apiKey');
    if (key !== '') return this.context.exchange.accountByKey(key)?.name ?? null;
    return this.session.accountName;
  }

  /** A request also goes by the REST route that does the same, so that one fault strikes an action on either transport. */
  private faultTarget(request: WsRequest): { methods: string[]; paths: string[]; accounts: string[] } {
    const route = OPERATIONS_BY_METHOD.get(request.method)?.route?.split(' ') ?? [];
    const [method, path] = route;
    const account = this.accountName(request);
    return {
      methods: method === undefined ? [request.method] : [request.method, method],
      paths: path === undefined ? [WS_API_PATH, request.method] : [WS_API_PATH, request.method, path],
      accounts: account === null ? [] : [account],
    };
  }

  private goWrong(request: WsRequest, fault: Fault): void {
    const done =
      fault.executed || fault.kind === 'drop-response' || fault.kind === 'truncate' || fault.kind === 'garbage'
        ? this.answer(request)
        : null;
    switch (fault.kind) {
      case 'drop-request':
      case 'drop-response':
        return;
      case 'delay':
        return this.socket.later(fault.delayMs ?? 0, () => this.socket.send(done ?? this.answer(request)));
      case 'http-status':
        return this.socket.later(fault.delayMs ?? 0, () =>
          this.socket.send(this.refused(request.idJson, statusRefusal(fault.status ?? 500), null, true)),
        );
      case 'reset':
        return this.socket.terminate();
      case 'truncate':
        return this.socket.send(done === null ? '' : done.slice(0, done.length >> 1));
      case 'garbage':
        return this.socket.send('\u0001\u0002{"id":');
      case 'ban': {
        const nowMs = this.context.nowMs();
        const error = banned(this.context.world.faults.banUntilMs(fault), nowMs);
        this.socket.send(this.refused(request.idJson, error, null, true));
        return this.socket.later(10, () => this.socket.close(1008, 'IP banned'));
      }
      case 'maintenance':
        return this.socket.send(this.refused(request.idJson, statusRefusal(503), null, true));
      default:
        return this.socket.send(done ?? this.answer(request));
    }
  }
}

function unknownMethod(method: string): BinanceRefusal {
  if (RETIRED.has(method))
    return new BinanceRefusal(-1020, 'This operation is not supported: listenKeys are gone, use userDataStream.subscribe.', 410);
  if (method.startsWith('orderList.') || method.startsWith('sor.')) return refusal('unsupported');
  return new BinanceRefusal(-1020, `Unknown method '${method.slice(0, 60)}'`);
}

const SIGNED = ['apiKey', 'timestamp', 'recvWindow', 'signature'];

function sessionOperations(session: WsApiSession): ReadonlyMap<string, Operation> {
  const entries: readonly Operation[] = [
    operation({ method: 'session.logon', weight: 2, params: SIGNED, run: ({ params }) => session.logon(params) }),
    operation({ method: 'session.status', weight: 2, params: SIGNED, run: () => session.statusJson() }),
    operation({ method: 'session.logout', weight: 2, params: SIGNED, run: () => session.logout() }),
    operation({ method: 'session.subscriptions', weight: 2, params: SIGNED, run: () => session.subscriptionsJson() }),
    operation({ method: 'userDataStream.subscribe', weight: 2, params: SIGNED, run: () => session.subscribe() }),
    operation({
      method: 'userDataStream.subscribe.signature',
      weight: 2,
      params: SIGNED,
      run: ({ params }) => session.subscribeBySignature(params),
    }),
    operation({
      method: 'userDataStream.unsubscribe',
      weight: 2,
      params: ['subscriptionId'],
      run: ({ params }) => session.unsubscribe(params.integer('subscriptionId')),
    }),
  ];
  return new Map(entries.map((entry) => [entry.method ?? '', entry]));
}
