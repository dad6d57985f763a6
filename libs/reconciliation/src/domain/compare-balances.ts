import { ZERO, sum } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';

/** A deposit, withdrawal or transfer that the private stream told of, not posted yet. */
export interface PendingTransfer {
  readonly asset: string;
  readonly amount: Decimal;
  readonly venueTimeMs: number;
}

/** A difference that earlier looks saw. */
export interface DriftHistory {
  readonly difference: Decimal;
  /** How many looks in a row saw just this difference. */
  readonly looks: number;
  readonly sinceMs: number;
}

/** Everything that is known of one asset at one look. */
export interface AssetLook {
  readonly asset: string;
  /** Free and locked together, as the venue says. */
  readonly venueTotal: Decimal;
  /** The sum of everything posted. */
  readonly expected: Decimal;
  /** What was posted of trades that may be newer than the venue's answer, oldest first. */
  readonly recent: readonly Decimal[];
  /** Why the asset cannot be judged now; `null` where it can. */
  readonly unsettled: 'unknown-order' | 'missing-fill' | null;
  readonly pending: readonly PendingTransfer[];
  readonly history: DriftHistory | null;
  /** The venue's trade history of every market in use has been read behind the answer. */
  readonly historyComplete: boolean;
}

export type NotComparable = 'unknown-order' | 'missing-fill' | 'newer-fill' | 'history-incomplete';

export type BalanceVerdict =
  | { readonly kind: 'equal' }
  | { readonly kind: 'not-comparable'; readonly why: NotComparable; readonly difference: Decimal }
  /** Transfers that the stream told of explain the difference. */
  | { readonly kind: 'reported'; readonly transfers: readonly PendingTransfer[]; readonly difference: Decimal }
  /** Nothing that we can ask for explains it, and it stays: money moved outside trading, and nobody told us. */
  | { readonly kind: 'unreported'; readonly difference: Decimal; readonly looks: number }
  | { readonly kind: 'differs'; readonly difference: Decimal; readonly looks: number };

export interface DriftRule {
  /** Looks in a row that must see the same difference, the first one included, before it is booked as unreported. */
  readonly looks: number;
  /** And for how long it must have stood, ms: longer than the venue's answers may lag behind it. */
  readonly settleMs: number;
}

/** Beyond this many reported transfers of one asset, only each alone and all together are tried. */
const SUBSET_MAX = 8;

/** Judges the total of one asset, to the last digit. */
export function judgeBalance(look: AssetLook, nowMs: number, rule: DriftRule): BalanceVerdict {
  const differences = possibleDifferences(look);
  if (differences.some((difference) => difference.eq(ZERO))) return { kind: 'equal' };
  const plain = differences[0]!;
  if (look.unsettled !== null) return { kind: 'not-comparable', why: look.unsettled, difference: plain };
  for (const difference of differences) {
    const transfers = explaining(look.pending, difference);
    if (transfers !== null) return { kind: 'reported', transfers, difference };
  }
  if (!look.historyComplete) return { kind: 'not-comparable', why: 'history-incomplete', difference: plain };
  const { history } = look;
  const same = history === null ? undefined : differences.find((difference) => difference.eq(history.difference));
  // Without an earlier look, nobody can tell which of the newer trades the answer already holds.
  if (same === undefined && look.recent.length > 0) return { kind: 'not-comparable', why: 'newer-fill', difference: plain };
  if (same === undefined || history === null) return { kind: 'differs', difference: plain, looks: 1 };
  const looks = history.looks + 1;
  const stood = looks >= rule.looks && nowMs - history.sinceMs >= rule.settleMs;
  return { kind: stood ? 'unreported' : 'differs', difference: same, looks };
}

/**
 * Venue less expected, for each moment at which the venue's answer may have been taken: with all the recent trades in it, or with the
 * newest one, two, … not in it yet. The first is that of everything posted.
 */
function possibleDifferences({ venueTotal, expected, recent }: AssetLook): readonly Decimal[] {
  let difference = venueTotal.minus(expected);
  const differences = [difference];
  for (const movement of recent.toReversed()) {
    difference = difference.plus(movement);
    differences.push(difference);
  }
  return differences;
}

/** The reported transfers that add up to the difference; `null` where none do. */
function explaining(pending: readonly PendingTransfer[], difference: Decimal): readonly PendingTransfer[] | null {
  if (pending.length === 0) return null;
  const adds = (transfers: readonly PendingTransfer[]): boolean => sum(transfers.map(({ amount }) => amount)).eq(difference);
  if (adds(pending)) return pending;
  const alone = pending.find(({ amount }) => amount.eq(difference));
  if (alone !== undefined) return [alone];
  if (pending.length > SUBSET_MAX) return null;
  for (let mask = 1; mask < 1 << pending.length; mask += 1) {
    const chosen = pending.filter((_, index) => (mask & (1 << index)) !== 0);
    if (adds(chosen)) return chosen;
  }
  return null;
}

/**
 * Whether these differences can be the trace of one trade between two of the assets: one of them rose and another fell. A deposit moves
 * one asset only, and so cannot be taken for a trade. Of a single asset, any movement counts.
 */
export function mayBeTrade(differences: readonly Decimal[]): boolean {
  if (differences.length === 1) return !differences[0]!.eq(ZERO);
  return differences.some((difference) => difference.gt(ZERO)) && differences.some((difference) => difference.lt(ZERO));
}
