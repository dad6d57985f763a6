import { ACCOUNT } from './stage.js';

/** What the simulated venue has accepted: the judge of everything here. */
export interface Ledger {
  readonly orders: readonly LedgerOrder[];
  readonly fills: readonly LedgerFill[];
}

export interface LedgerOrder {
  readonly venueOrderId: string;
  /** The id that the gateway gave the order at the venue. */
  readonly clientOrderId: string;
  readonly status: string;
  readonly quantity: string;
  readonly filledQuantity: string;
}

export interface LedgerFill {
  readonly venueTradeId: string;
  readonly venueOrderId: string;
  readonly quantity: string;
}

/** The controls of the simulated venue. */
export class Venue {
  constructor(private readonly url: string) {}

  async ledger(): Promise<Ledger> {
    const answer = await fetch(`${this.url}/_sim/ledger?account=${ACCOUNT}`);
    return (await answer.json()) as Ledger;
  }

  /** Loses a part of all requests and answers from now on, so that outcomes are open and the resolver has work. */
  async unsettle(): Promise<void> {
    const place = { method: 'POST', path: '/api/v3/order' };
    const cancel = { method: 'DELETE', path: '/api/v3/order' };
    const amend = { method: 'PUT', path: '/api/v3/order' };
    await this.fault({ kind: 'drop-response', match: place, probability: 0.05 });
    await this.fault({ kind: 'reset', executed: true, match: place, probability: 0.03 });
    await this.fault({ kind: 'drop-request', match: place, probability: 0.02 });
    await this.fault({ kind: 'drop-response', match: cancel, probability: 0.08 });
    await this.fault({ kind: 'drop-request', match: cancel, probability: 0.04 });
    await this.fault({ kind: 'drop-response', match: amend, probability: 0.08 });
    await this.fault({ kind: 'drop-request', match: amend, probability: 0.04 });
  }

  /** The next orders never arrive. */
  async loseOrders(count: number): Promise<void> {
    await this.settle();
    await this.fault({ kind: 'drop-request', match: { method: 'POST', path: '/api/v3/order' }, count });
  }

  /** All faults off. */
  async settle(): Promise<void> {
    await fetch(`${this.url}/_sim/faults`, { method: 'DELETE' });
  }

  private async fault(fault: object): Promise<void> {
    const answer = await fetch(`${this.url}/_sim/faults`, { method: 'POST', body: JSON.stringify({ venue: 'binance', ...fault }) });
    if (!answer.ok) throw new Error(`the simulator took no fault: ${await answer.text()}`);
  }
}
