/** Why a request about an order was not carried out. Expected, so it is returned; the edge turns it into an answer. */
export interface OrderProblem {
  /** One of the public problem codes. */
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  /** The order exists all the same and can be read. */
  readonly orderId?: string;
  readonly venueCode?: string | null;
  readonly retryAfterMs?: number | null;
  /** True where it is proven that nothing was sent to the venue, so that sending again is safe. */
  readonly nothingSent?: boolean;
}
