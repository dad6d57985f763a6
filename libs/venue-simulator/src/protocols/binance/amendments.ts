/** One amendment of an order's quantity, as `order/amendments` lists it. */
export interface Amendment {
  readonly symbol: string;
  readonly orderId: number;
  readonly executionId: number;
  readonly origClientOrderId: string;
  readonly newClientOrderId: string;
  readonly origQty: string;
  readonly newQty: string;
  readonly time: number;
}

/** The amendments of every order, oldest first. The exchange keeps an order's present state only. */
export class Amendments {
  private readonly byOrder = new Map<number, Amendment[]>();

  add(amendment: Amendment): void {
    const list = this.byOrder.get(amendment.orderId);
    if (list === undefined) this.byOrder.set(amendment.orderId, [amendment]);
    else list.push(amendment);
  }

  of(orderId: number): readonly Amendment[] {
    return this.byOrder.get(orderId) ?? [];
  }
}

/**
 * The amendment under way. The exchange reports the order with its new client id only; the stream's event also names the old
 * one, and the answer names the execution: both are picked up while the exchange works.
 */
export class AmendmentUnderway {
  private current: { readonly orderId: number; readonly clientOrderId: string } | null = null;
  private executionId = 0;

  during<T>(
    before: { readonly orderId: number; readonly clientOrderId: string },
    amend: () => T,
  ): { readonly result: T; readonly executionId: number } {
    this.current = before;
    this.executionId = 0;
    try {
      return { result: amend(), executionId: this.executionId };
    } finally {
      this.current = null;
    }
  }

  /** The client id before the amendment; `null` when this order is not being amended. */
  originalClientOrderId(orderId: number, executionId: number): string | null {
    if (this.current?.orderId !== orderId) return null;
    this.executionId = executionId;
    return this.current.clientOrderId;
  }
}
