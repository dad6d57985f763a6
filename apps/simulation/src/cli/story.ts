import type { WireRecord } from '../network/wire-tap.js';
import type { FinishedRun } from '../workload/run.js';
import type { Paint } from './paint.js';

/** Something that was said while the run went on. */
export interface SaidLine {
  /** Since the start, ms. */
  readonly atMs: number;
  readonly who: string;
  readonly text: string;
}

const TIME_WIDTH = 10;
const WHO_WIDTH = 10;

/** A run as it can be read: when, who, what, in the order of happening. */
export function storyOf(run: FinishedRun, said: readonly SaidLine[], paint: Paint): string[] {
  return inOrder([...said, ...wireLines(run.fleet.world.tap.records), ...permitLines(run), ...eventLines(run)]).map((line) =>
    told(line, paint),
  );
}

export function told({ atMs, who, text }: SaidLine, paint: Paint): string {
  const time = (atMs / 1_000).toFixed(4).padStart(TIME_WIDTH);
  return `${paint.dim(time)}  ${colourOf(who, paint)(who.padEnd(WHO_WIDTH))}  ${text}`;
}

/** Stable: what was said first at one moment comes first. */
export function inOrder(lines: readonly SaidLine[]): SaidLine[] {
  return [...lines].sort((a, b) => a.atMs - b.atMs);
}

/** What was written to the venue, what the venue did with it, and which fault struck it. */
export function wireLines(records: readonly WireRecord[]): SaidLine[] {
  return records.flatMap((record) => {
    const { number, written, deliveries, outcome } = record;
    const what = `#${number} ${record.method} ${record.path}`;
    const subject = record.clientOrderId ?? record.parameter('orderId') ?? '';
    const fault = written.fault === null ? '' : `, struck by ${written.fault}`;
    const end = `; ${outcome ?? 'no answer ever came'}`;
    const sent = { atMs: record.atMs, who: record.replica, text: `writes ${what} ${subject}${fault}${end}`.replaceAll('  ', ' ') };
    const arrived = deliveries.map(({ atMs, status, acceptedOrderId, fault: struck }) => ({
      atMs,
      who: 'venue',
      text: `answers ${what} with ${status}${acceptedOrderId === null ? '' : `, order ${acceptedOrderId} is born`}${struck === null ? '' : ` (${struck})`}`,
    }));
    return [sent, ...arrived];
  });
}

export function permitLines({ fleet }: FinishedRun): SaidLine[] {
  return fleet.database.permits.map(({ orderId, intent, attempt, committedAtMs }) => ({
    atMs: committedAtMs,
    who: 'database',
    text: `permits attempt ${attempt.number} to ${intent} ${orderId} under token ${attempt.fence}, bytes ${attempt.hash.slice(0, 12)}`,
  }));
}

export function eventLines({ fleet }: FinishedRun): SaidLine[] {
  return [...fleet.database.orders.values()].flatMap(({ terms, events }) =>
    events.map(({ stored, committedAtMs }) => ({
      atMs: committedAtMs,
      who: 'journal',
      text: `${terms.id} ${stored.version} ${eventText(stored.event)}`,
    })),
  );
}

function eventText({ type, ...rest }: { readonly type: string }): string {
  const { terms: _terms, ...told } = rest as Record<string, unknown>;
  return `${type} ${JSON.stringify(told)}`;
}

function colourOf(who: string, paint: Paint): (text: string) => string {
  if (who.startsWith('replica')) return paint.cyan;
  if (who === 'venue') return paint.yellow;
  if (who === 'database' || who === 'journal') return paint.green;
  if (who === 'client') return paint.bold;
  return paint.magenta;
}
