const QUOTE = 34;
const POINT = 46;
const BACKSLASH = 92;
const INT_DIGITS = 9;
/** Fifteen digits always fit into a safe integer; longer ones are left to the ordinary reader. */
const SAFE_DIGITS = 15;

/** Bytes of an ASCII text, to be compared with a frame. */
export function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/**
 * Steps through the bytes of one JSON frame whose shape is known in advance. Every step checks that what stands there is
 * exactly what was expected, and fails for good otherwise (`ok` becomes false, later steps do nothing): the caller then
 * reads the frame with `JSON.parse`. So a frame is read right or not at all, and never half.
 */
export class FrameScanner {
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  ok = false;

  begin(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.position = 0;
    this.ok = true;
  }

  /** True when the whole frame has been read as expected. */
  finished(): boolean {
    return this.ok && this.position === this.bytes.length;
  }

  /** Steps over exactly these bytes. */
  expect(literal: Uint8Array): void {
    if (!this.ok) return;
    const { bytes, position } = this;
    for (let i = 0; i < literal.length; i += 1) {
      if (bytes[position + i] !== literal[i]) {
        this.ok = false;
        return;
      }
    }
    this.position = position + literal.length;
  }

  /** True when these bytes come next; moves nothing. */
  sees(literal: Uint8Array): boolean {
    const { bytes, position } = this;
    for (let i = 0; i < literal.length; i += 1) if (bytes[position + i] !== literal[i]) return false;
    return this.ok;
  }

  /** A JSON integer without sign, of at most fifteen digits. */
  integer(): number {
    if (!this.ok) return 0;
    const { bytes, position } = this;
    let at = position;
    let value = 0;
    for (let digit = bytes[at]! ^ 48; digit < 10 && at - position < INT_DIGITS; digit = bytes[at]! ^ 48) {
      value = (value * 10 + digit) | 0;
      at += 1;
    }
    let long = value;
    for (let digit = bytes[at]! ^ 48; digit < 10; digit = bytes[at]! ^ 48) {
      long = long * 10 + digit;
      at += 1;
    }
    const digits = at - position;
    if (digits === 0 || digits > SAFE_DIGITS || (digits > 1 && bytes[position] === 48)) this.ok = false;
    this.position = at;
    return long;
  }

  /** `true` or `false`. */
  boolean(): boolean {
    const yes = this.sees(TRUE);
    this.expect(yes ? TRUE : FALSE);
    return yes;
  }

  /** From the opening quote over a string without escapes and without non-ASCII; returns where its text starts. */
  plainString(): number {
    if (!this.ok) return 0;
    const { bytes } = this;
    const start = this.position + 1;
    let at = start;
    if (bytes[at - 1] !== QUOTE) this.ok = false;
    for (let byte = bytes[at]!; byte !== QUOTE; byte = bytes[at]!) {
      // Also ends past the last byte, where nothing is there to compare.
      if (!(byte >= 32 && byte < 127) || byte === BACKSLASH) {
        this.ok = false;
        return start;
      }
      at += 1;
    }
    this.position = at + 1;
    return start;
  }

  /** The text of a plain string that started at `start` and was just stepped over. */
  textFrom(start: number): string {
    return this.ok ? textBetween(this.bytes, start, this.position - 1) : '';
  }

  /** A quoted plain decimal: its text as it stands there. */
  decimalText(): string {
    if (!this.ok) return '';
    const { bytes } = this;
    const start = this.position + 1;
    let at = start;
    if (bytes[at - 1] !== QUOTE) this.ok = false;
    while ((bytes[at]! ^ 48) < 10) at += 1;
    let digits = at - start;
    if (digits > 0 && bytes[at] === POINT) {
      const first = (at += 1);
      while ((bytes[at]! ^ 48) < 10) at += 1;
      digits = at - first;
    }
    if (digits === 0 || bytes[at] !== QUOTE) this.ok = false;
    this.position = at + 1;
    return this.ok ? textBetween(bytes, start, at) : '';
  }

  /** Goes on where another reader of these bytes stopped; negative: it failed. */
  resume(position: number): void {
    if (position < 0) this.ok = false;
    else this.position = position;
  }
}

/** The direct call behind `toString('latin1')`, which the types of Node leave out. */
function textBetween(bytes: Uint8Array, from: number, to: number): string {
  return (bytes as Uint8Array & { latin1Slice(from: number, to: number): string }).latin1Slice(from, to);
}

const TRUE = ascii('true');
const FALSE = ascii('false');
