import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Clients } from './clients.js';
import { note } from './intents.js';
import type { Intent } from './intents.js';
import { ACCOUNT } from './stage.js';

const WORKERS = 5;
const PAUSE_MIN_MS = 30;
const PAUSE_MAX_MS = 200;
const QUIET_POLL_MS = 20;
/** Longer than any run: what the venue lost is sent again for as long as it takes. */
const RESUBMIT_MS = 6 * 3_600_000;
const REFUSED = 422;
const SMALL = '0.001';
const LARGE = '0.004';
const FAR_BELOW = '50000';
const FAR_ABOVE = '80000';

/** Clients that place, repeat, cancel and amend orders, one story after the other, whatever happens to the gateway. */
export class Load {
  readonly intents: Intent[] = [];
  /** What the orders from now on count for. */
  group = '';
  private running: Promise<void>[] = [];
  private isQuiet = false;
  private isOver = false;
  private busy = 0;

  constructor(
    private readonly clients: Clients,
    private readonly name: string,
    private readonly random: () => number,
  ) {}

  start(): void {
    this.running = Array.from({ length: WORKERS }, () => this.work());
  }

  /** Begins no more stories; resolves when those under way are told to their end, for which a gateway has to serve. */
  async quiet(): Promise<void> {
    this.isQuiet = true;
    while (this.busy > 0) await delay(QUIET_POLL_MS);
  }

  resume(): void {
    this.isQuiet = false;
  }

  async finish(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.running);
  }

  /** An order that the client wants sent again where the venue never created it. Resolves when the gateway has answered. */
  resubmittable(): Promise<Answer> {
    const resubmitUntil = new Date(Date.now() + RESUBMIT_MS).toISOString();
    return this.place(
      this.intend({ type: 'limit', side: 'buy', quantity: SMALL, price: FAR_BELOW, onNotCreated: 'resubmit', resubmitUntil }),
    );
  }

  /** A resting order; resolves when the gateway has answered. */
  probe(): Promise<Answer> {
    return this.place(this.intend({ type: 'limit', side: 'buy', quantity: SMALL, price: FAR_BELOW }));
  }

  private async work(): Promise<void> {
    while (!this.isOver) {
      // An order counts for what hurts the gateway that it is first sent to.
      await this.clients.open();
      if (!this.isQuiet) {
        this.busy += 1;
        await this.story();
        this.busy -= 1;
      }
      await delay(PAUSE_MIN_MS + this.random() * (PAUSE_MAX_MS - PAUSE_MIN_MS));
    }
  }

  private async story(): Promise<void> {
    const side = this.random() < 0.5 ? 'sell' : 'buy';
    const kind = this.random();
    // At once; refused, since it would trade at once and must not; resting far from the market.
    if (kind < 0.35) return this.settled(this.intend({ type: 'market', side, quantity: SMALL }));
    const crossing = side === 'buy' ? FAR_ABOVE : FAR_BELOW;
    if (kind < 0.45) return this.settled(this.intend({ type: 'limit', side, quantity: SMALL, price: crossing, postOnly: true }));
    const price = side === 'buy' ? FAR_BELOW : FAR_ABOVE;
    const resting = this.intend({ type: 'limit', side, quantity: LARGE, price });
    await this.settled(resting);
    const [id] = resting.ids;
    if (id === undefined) return undefined;
    const next = this.random();
    if (next < 0.35) note(resting, ...parts(await this.clients.insist('PATCH', `/v1/orders/${id}`, { quantity: SMALL })));
    // Few are left to rest: the venue has a limit for open orders.
    if (next < 0.93) note(resting, ...parts(await this.clients.insist('DELETE', `/v1/orders/${id}`)));
  }

  /** Places it, in one of the ways of clients: once, twice at the same time, or once more after the answer. */
  private async settled(intent: Intent): Promise<void> {
    const way = this.random();
    await Promise.all(way < 0.1 ? [this.place(intent), this.place(intent)] : [this.place(intent)]);
    if (way > 0.85) await this.place(intent);
  }

  private async place(intent: Intent): Promise<Answer> {
    const { body, idempotencyKey } = intent;
    const answer = await this.clients.insist(
      'POST',
      '/v1/orders',
      body,
      idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey },
    );
    note(intent, ...parts(answer));
    // The venue's refusal, or ours: the order is there, and rejected.
    if (answer.status === REFUSED && typeof answer.body['orderId'] === 'string') intent.toldEnd = 'rejected';
    return answer;
  }

  private intend(terms: object): Intent {
    const clientOrderId = `${this.name}-${this.intents.length}`;
    const intent: Intent = {
      clientOrderId,
      group: this.group,
      body: { account: ACCOUNT, symbol: 'BTC/USDT', clientOrderId, ...terms },
      idempotencyKey: this.random() < 0.3 ? `key-${clientOrderId}` : null,
      ids: new Set(),
      toldEnd: null,
    };
    this.intents.push(intent);
    return intent;
  }
}

function parts({ status, body }: Answer): [number, Answer['body']] {
  return [status, body];
}
