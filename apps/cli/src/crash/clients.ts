import { setTimeout as delay } from 'node:timers/promises';
import { ACCOUNT } from './stage.js';
import type { OurFill, OurOrder } from './judge.js';

/** A careful client gives up waiting and asks again. */
const ANSWER_WITHIN_MS = 8_000;
const AGAIN_AFTER_MS = 60;
const PAGE = 1_000;

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Address {
  readonly url: string;
  readonly key: string;
}

/** The clients' way to whichever gateway serves: they wait while there is none, and repeat what was not answered. */
export class Clients {
  private address: Address | null = null;
  private waiting: (() => void)[] = [];

  serve(address: Address): void {
    this.address = address;
    for (const wake of this.waiting.splice(0)) wake();
  }

  away(): void {
    this.address = null;
  }

  /** Resolves when a gateway serves. */
  async open(): Promise<void> {
    await this.gateway();
  }

  /** Repeats the call until a gateway answers it with something else than a fault of its own. */
  async insist(method: string, route: string, body: object | null = null, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    for (;;) {
      const answer = await this.call(await this.gateway(), method, route, body, headers).catch(() => null);
      if (answer !== null && answer.status < 500 && answer.status !== 429) return answer;
      await delay(AGAIN_AFTER_MS);
    }
  }

  orders(): Promise<readonly OurOrder[]> {
    return this.all<OurOrder>(`/v1/orders?account=${ACCOUNT}`);
  }

  fills(): Promise<readonly OurFill[]> {
    return this.all<OurFill>(`/v1/fills?account=${ACCOUNT}`);
  }

  private async all<Row>(route: string): Promise<readonly Row[]> {
    const rows: Row[] = [];
    let cursor: string | null = null;
    do {
      const { status, body }: Answer = await this.insist('GET', `${route}&limit=${PAGE}${cursor === null ? '' : `&cursor=${cursor}`}`);
      if (status !== 200) throw new Error(`${route} answered ${status}: ${JSON.stringify(body)}`);
      rows.push(...(body['data'] as readonly Row[]));
      cursor = (body['nextCursor'] as string | null | undefined) ?? null;
    } while (cursor !== null);
    return rows;
  }

  private async gateway(): Promise<Address> {
    while (this.address === null) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return this.address;
  }

  private async call(
    { url, key }: Address,
    method: string,
    route: string,
    body: object | null,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const answer = await fetch(url + route, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body === null ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === null ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
}
