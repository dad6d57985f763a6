/** A request on its way to the replica that holds the account. */
export interface PeerRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** JSON text; `null` for none. */
  readonly body: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PeerAnswer {
  readonly status: number;
  /** Those that the client is to see, with small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** No answer came. `isSent` is false only where no byte can have left. */
export class PeerFault extends Error {
  override readonly name = 'PeerFault';

  constructor(
    readonly isSent: boolean,
    options: { readonly cause?: unknown } = {},
  ) {
    super(isSent ? 'the replica did not answer' : 'the replica cannot be reached', options);
  }
}

/** Talks to another replica: one attempt. */
export abstract class PeerClient {
  /** @throws PeerFault */
  abstract send(url: string, request: PeerRequest, timeoutMs: number): Promise<PeerAnswer>;
}
