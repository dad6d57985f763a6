import type { VenueFill } from '#libs/model';

/** A page size, whole, from 1 to `max`. */
export function clamp(limit: number, max: number): number {
  return Math.min(Math.max(1, Math.floor(limit)), max);
}

/** The page after this one starts one id above its last. */
export function idAfterLast(rows: readonly VenueFill[]): string | null {
  const last = rows.at(-1);
  return last === undefined ? null : idAfter(last.venueTradeId);
}

/** Every page of a list that is asked for by the id it begins with, the first one by a time. */
export async function allPages<Row extends { readonly venueOrderId: string }>(
  page: (fromId: string | null) => Promise<readonly Row[]>,
  pageSize: number,
): Promise<readonly Row[]> {
  const found: Row[] = [];
  for (let fromId: string | null = null; ;) {
    const rows = await page(fromId);
    found.push(...rows);
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return found;
    fromId = idAfter(last.venueOrderId);
  }
}

function idAfter(id: string): string {
  return `${BigInt(id) + 1n}`;
}
