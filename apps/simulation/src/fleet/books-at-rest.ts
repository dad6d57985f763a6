import type { MemoryDatabase } from '../store/memory-database.js';

/** Whether all totals of an account have been compared since then and found equal, and nothing is left open. */
export function isReconciled({ reconciliation }: MemoryDatabase, account: string, sinceMs: number): boolean {
  if (reconciliation.discrepancies.some((one) => one.account === account && one.state === 'open')) return false;
  const last = reconciliation.runs.findLast(({ run }) => run.account === account && run.counts['scope'] !== 'orders');
  return last !== undefined && last.run.outcome === 'agreed' && last.committedAtMs >= sinceMs;
}
