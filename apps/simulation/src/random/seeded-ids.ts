import { IdSource, type Clock } from '#libs/kernel';
import type { SeededRandom } from './seeded-random.js';

/** UUIDv7 (RFC 9562) from a process's clock and a seeded source. As in production, ids of one process rise, also where its clock is set back. */
export class SeededIdSource extends IdSource {
  private lastMs = 0;
  private counter = 0;

  constructor(
    private readonly clock: Clock,
    private readonly random: SeededRandom,
  ) {
    super();
  }

  uuid(): string {
    const ms = Math.max(this.clock.nowMs(), this.lastMs);
    this.counter = ms === this.lastMs ? this.counter + 1 : 0;
    this.lastMs = ms;
    if (this.counter > 0xfff) {
      this.lastMs += 1;
      this.counter = 0;
    }
    const time = hex(this.lastMs, 12);
    const variant = hex((this.random.uint32() & 0x3fff) | 0x8000, 4);
    const tail = hex(this.random.uint32(), 8) + hex(this.random.uint32() & 0xffff, 4);
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(this.counter, 3)}-${variant}-${tail}`;
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
