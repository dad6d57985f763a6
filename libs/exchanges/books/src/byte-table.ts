/**
 * Remembers what belongs to a run of bytes (a stream name, a symbol), so that each name is decoded once and not once
 * per frame. Bounded: beyond `entriesMax` the value is made anew every time.
 */
export class ByteTable<T> {
  private readonly entries = new Map<number, { readonly bytes: Uint8Array; readonly value: T }[]>();
  private count = 0;

  constructor(
    private readonly make: (text: string) => T,
    private readonly entriesMax: number,
  ) {}

  /** The value for `bytes` between `from` and `to`, compared byte for byte. */
  at(bytes: Uint8Array, from: number, to: number): T {
    let hash = to - from;
    for (let at = from; at < to; at += 1) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
    const row = this.entries.get(hash);
    if (row !== undefined) {
      for (const entry of row) if (isSame(entry.bytes, bytes, from, to)) return entry.value;
    }
    return this.remember(hash, new Uint8Array(bytes.subarray(from, to)));
  }

  private remember(hash: number, bytes: Uint8Array): T {
    const value = this.make(Buffer.from(bytes).toString('utf8'));
    if (this.count >= this.entriesMax) return value;
    this.count += 1;
    const row = this.entries.get(hash);
    if (row === undefined) this.entries.set(hash, [{ bytes, value }]);
    else row.push({ bytes, value });
    return value;
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let i = 0; i < known.length; i += 1) if (known[i] !== bytes[from + i]) return false;
  return true;
}
