import type { VenueFill } from '#libs/model';

/** A page size, whole, from 1 to `max`. */
export function clamp(limit: number, max: number): number {
  return Math.min(Math.max(1, Math.floor(limit)), max);
}

/** The page after this one starts one id above its last. */
export function idAfterLast(rows: readonly VenueFill[]): string | null {
  const last = rows.at(-1);
  return last === undefined ? null : `${BigInt(last.venueTradeId) + 1n}`;
}
