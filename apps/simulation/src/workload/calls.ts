import type { Caller, OrderProblem, OrderRequest, OrderState } from '#libs/orders';

/** What a client was told about an order at one moment. */
export interface Told {
  readonly orderId: string;
  readonly status: string;
  readonly isReplay: boolean;
}

/** One request of a client, and what it was told; nothing where the gateway died over it. */
export interface SubmitCall {
  readonly kind: 'submit';
  readonly number: number;
  readonly atMs: number;
  readonly replica: string;
  readonly request: OrderRequest;
  readonly caller: Caller;
  told: Told | null;
  problem: OrderProblem | null;
  answeredAtMs: number | null;
}

export interface CancelCall {
  readonly kind: 'cancel';
  readonly number: number;
  readonly atMs: number;
  readonly replica: string;
  readonly orderId: string;
  told: Told | null;
  problem: OrderProblem | null;
  answeredAtMs: number | null;
}

export type ClientCall = SubmitCall | CancelCall;

export function toldOf(state: OrderState, isReplay: boolean): Told {
  return { orderId: state.terms.id, status: state.status, isReplay };
}
