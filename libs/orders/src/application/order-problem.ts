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

/** The account has no holder at this moment, or another one: the request may be made again a little later. */
export const NOT_HELD: OrderProblem = {
  code: 'not-ready',
  detail: 'the account is being taken over from another replica; nothing was sent',
  nothingSent: true,
  retryAfterMs: 1_000,
};
