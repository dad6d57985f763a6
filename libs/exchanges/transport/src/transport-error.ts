/**
 * `no-connection`: DNS, TCP or TLS failed, or the client is closed. `busy`: too many requests wait already.
 * `deadline`: no whole answer in time. `broken-connection`: cut after the request was handed over, before an answer.
 * `broken-answer`: an answer began and did not end, or was no HTTP. `answer-too-large`: more than we are ready to read.
 */
export type TransportFailure = 'no-connection' | 'busy' | 'deadline' | 'broken-connection' | 'broken-answer' | 'answer-too-large';

/** A request without a whole answer. The message holds no address, header or body. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  /** The system's own word (`ECONNREFUSED`, `UND_ERR_SOCKET`), `null` where there is none. */
  readonly systemCode: string | null;

  constructor(
    readonly failure: TransportFailure,
    /** `not-sent`: no byte of it left us. `unknown`: the other side may have it. */
    readonly outcome: 'not-sent' | 'unknown',
    cause?: Error,
  ) {
    const code = systemCodeOf(cause);
    super(code === null ? failure : `${failure} (${code})`);
    this.systemCode = code;
  }
}

/** Only the code is kept: the text of a system error names the address. */
function systemCodeOf(cause: (Error & { code?: unknown }) | undefined): string | null {
  const code = cause?.code;
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : null;
}
