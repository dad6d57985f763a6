/** A request that came whole and without anything unusual. */
export interface PlainRequest {
  readonly method: string;
  readonly url: string;
  /** By lower-case name; each came once. */
  readonly headers: Record<string, string>;
  readonly body: string;
}

const HEAD_BYTES_MAX = 8_192;
const BODY_BYTES_MAX = 65_536;
const HEAD_END = '\r\n\r\n';
const REQUEST_LINE = /^(GET|POST|PUT|DELETE) (\/[!-~]*) HTTP\/1\.1$/;
/** RFC 9110: a token, a colon, and visible characters with blanks between them. */
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([!-~](?:[ -~\t]*[!-~])?)?[ \t]*$/;
const LENGTH_PATTERN = /^\d{1,5}$/;
/** What these ask for is for the full HTTP server. */
const UNUSUAL: ReadonlySet<string> = new Set(['transfer-encoding', 'upgrade', 'expect', 'trailer', 'te', 'proxy-connection']);

/**
 * Reads one plain request: `more` when its end has not come yet, `unusual` for whatever is not certain to be one, broken requests among
 * them. What is not understood here is not refused here.
 */
export function readPlainRequest(bytes: Buffer): PlainRequest | 'more' | 'unusual' {
  const text = bytes.toString('latin1');
  const headEnd = text.indexOf(HEAD_END);
  if (headEnd < 0) return text.length < HEAD_BYTES_MAX ? 'more' : 'unusual';
  if (headEnd > HEAD_BYTES_MAX) return 'unusual';
  const lineEnd = text.indexOf('\r\n');
  const line = REQUEST_LINE.exec(text.slice(0, lineEnd));
  const headers = line === null ? null : readHeaders(text, lineEnd + 2, headEnd);
  if (line === null || headers === null) return 'unusual';
  const length = headers['content-length'] ?? '0';
  if (!LENGTH_PATTERN.test(length)) return 'unusual';
  const start = headEnd + HEAD_END.length;
  const missing = start + Number.parseInt(length, 10) - bytes.length;
  if (missing < 0 || bytes.length - start > BODY_BYTES_MAX) return 'unusual';
  if (missing > 0) return 'more';
  return { method: line[1]!, url: line[2]!, headers, body: start === bytes.length ? '' : bytes.toString('utf8', start) };
}

/** `null` for a header that is broken, unusual or there twice, and for a request without `Host`. */
function readHeaders(text: string, start: number, headEnd: number): Record<string, string> | null {
  const headers: Record<string, string> = {};
  for (let at = start; at < headEnd;) {
    const end = text.indexOf('\r\n', at);
    const pair = HEADER_LINE.exec(text.slice(at, end));
    if (pair === null) return null;
    const name = pair[1]!.toLowerCase();
    if (UNUSUAL.has(name) || Object.hasOwn(headers, name) || name === '__proto__') return null;
    headers[name] = pair[2] ?? '';
    at = end + 2;
  }
  if (headers['host'] === undefined) return null;
  const connection = headers['connection'];
  return connection === undefined || connection.toLowerCase() === 'keep-alive' ? headers : null;
}
