import { invariant } from '#libs/kernel';
import type { SimAccount } from '../../../exchange/types.js';
import type { LiveSocket } from '../../../server/live-socket.js';
import { checkTimestamp } from '../authentication.js';
import type { BinanceContext } from '../context.js';
import type { Params } from '../params.js';
import { missingParameter, refusal } from '../refusal.js';
import type { UserDataStreams, UserDataSubscriber } from '../user-data.js';
import { wsPayload } from './ws-params.js';

interface Subscription {
  readonly account: string;
  readonly subscriber: UserDataSubscriber;
}

/** What one WebSocket API connection remembers: who logged on, and which user data it receives. */
export class WsApiSession {
  private account: SimAccount | null = null;
  private authorizedSinceMs: number | null = null;
  private readonly subscriptions = new Map<number, Subscription>();
  private nextSubscriptionId = 0;

  constructor(
    private readonly context: BinanceContext,
    private readonly userData: UserDataStreams,
    private readonly socket: LiveSocket,
    readonly returnRateLimits: boolean,
  ) {}

  /** Whoever is logged on. */
  get accountName(): string | null {
    return this.account?.name ?? null;
  }

  /** Who signed this request, or who is logged on. @throws BinanceRefusal */
  authenticate(params: Params): SimAccount {
    if (!params.has('apiKey') && this.account !== null) {
      checkTimestamp(params, this.context.nowMs());
      return this.account;
    }
    return this.signedBy(params, false);
  }

  /** @throws BinanceRefusal -4056 for HMAC keys: only Ed25519 may log on. */
  logon(params: Params): string {
    this.account = this.signedBy(params, true);
    this.authorizedSinceMs = this.context.nowMs();
    this.socket.accounts.add(this.account.name);
    return this.statusJson();
  }

  logout(): string {
    if (this.account !== null) this.socket.accounts.delete(this.account.name);
    this.account = null;
    this.authorizedSinceMs = null;
    return this.statusJson();
  }

  statusJson(): string {
    return JSON.stringify({
      apiKey: this.account?.apiKey ?? null,
      authorizedSince: this.authorizedSinceMs,
      connectedSince: this.socket.openedAtMs,
      returnRateLimits: this.returnRateLimits,
      serverTime: this.context.nowMs(),
      userDataStream: this.subscriptions.size > 0,
    });
  }

  /** Subscribes whoever is logged on. @throws BinanceRefusal -1002 when nobody is. */
  subscribe(): string {
    if (this.account === null) throw refusal('unauthorized');
    return this.subscribeAccount(this.account.name);
  }

  /** Subscribes whoever signed this request, with any kind of key. */
  subscribeBySignature(params: Params): string {
    return this.subscribeAccount(this.signedBy(params, false).name);
  }

  /** Without an id: all of them. @throws BinanceRefusal -2036 */
  unsubscribe(subscriptionId: number | null): string {
    const ids = subscriptionId === null ? [...this.subscriptions.keys()] : [subscriptionId];
    if (subscriptionId !== null && !this.subscriptions.has(subscriptionId)) throw refusal('notSubscribed');
    for (const id of ids) this.end(id);
    return '{}';
  }

  subscriptionsJson(): string {
    return JSON.stringify([...this.subscriptions.keys()].map((subscriptionId) => ({ subscriptionId })));
  }

  close(): void {
    for (const id of [...this.subscriptions.keys()]) this.end(id);
  }

  private subscribeAccount(account: string): string {
    for (const { account: other } of this.subscriptions.values()) if (other === account) throw refusal('subscribed');
    const subscriptionId = this.nextSubscriptionId;
    this.nextSubscriptionId += 1;
    const subscriber = { socket: this.socket, subscriptionId };
    this.subscriptions.set(subscriptionId, { account, subscriber });
    this.userData.subscribe(account, subscriber);
    this.socket.accounts.add(account);
    return `{"subscriptionId":${subscriptionId}}`;
  }

  private end(id: number): void {
    const subscription = this.subscriptions.get(id);
    invariant(subscription !== undefined, 'a subscription that ends exists');
    this.userData.unsubscribe(subscription.account, subscription.subscriber);
    this.subscriptions.delete(id);
    if (this.account?.name !== subscription.account) this.socket.accounts.delete(subscription.account);
  }

  private signedBy(params: Params, onlyEd25519: boolean): SimAccount {
    if (!params.has('apiKey')) throw missingParameter('apiKey');
    if (!params.has('timestamp')) throw missingParameter('timestamp');
    const signature = params.required('signature');
    const account = this.context.authentication.account(params.required('apiKey'));
    checkTimestamp(params, this.context.nowMs());
    const kind = this.context.authentication.verify(account, wsPayload(params), signature);
    if (onlyEd25519 && kind !== 'ed25519') throw refusal('hmacLogon');
    return account;
  }
}
