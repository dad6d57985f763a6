/** A string that has been checked to be one kind of id, so that two kinds cannot be swapped by accident. */
export type Branded<Name extends string> = string & { readonly __brand: Name };

export type OrderId = Branded<'OrderId'>;
export type AccountName = Branded<'AccountName'>;

/** Makes ids. A port, so that the simulation can decide them. */
export abstract class IdSource {
  /** A UUIDv7 (RFC 9562): sorted by time of making, unique across replicas. */
  abstract uuid(): string;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const POOL_BYTES = 4096;

/** UUIDv7 with a counter in `rand_a`, so that ids made within one millisecond still rise within a process. */
export class UuidV7Source extends IdSource {
  private readonly pool = new Uint8Array(POOL_BYTES);
  private offset = POOL_BYTES;
  private lastMs = 0;
  private counter = 0;

  constructor(private readonly nowMs: () => number = Date.now) {
    super();
  }

  uuid(): string {
    const ms = Math.max(this.nowMs(), this.lastMs);
    this.counter = ms === this.lastMs ? this.counter + 1 : 0;
    this.lastMs = ms;
    if (this.counter > 0xfff) {
      this.lastMs += 1;
      this.counter = 0;
    }
    return this.format(this.lastMs, this.counter);
  }

  private format(ms: number, counter: number): string {
    if (this.offset + 8 > POOL_BYTES) {
      crypto.getRandomValues(this.pool);
      this.offset = 0;
    }
    const { pool, offset } = this;
    this.offset += 8;
    const time = ms.toString(16).padStart(12, '0');
    let tail = '';
    for (let index = offset + 2; index < offset + 8; index += 1) tail += HEX[pool[index]!]!;
    const variant = HEX[(pool[offset]! & 0x3f) | 0x80]! + HEX[pool[offset + 1]!]!;
    return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${variant}-${tail}`;
  }
}

const UUID_TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID_TEXT.test(text);
}
