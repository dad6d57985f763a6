import { decimal, isDecimalText, type Decimal } from '#libs/kernel';
import type { VenueOrderReport } from '#libs/model';

type Fields = Readonly<Record<string, unknown>>;

/** Words of ccxt, in which the recordings say how an order is to be read. */
const STATUS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['open', ['pending-new', 'new', 'partially-filled']],
  ['closed', ['filled']],
  ['canceled', ['canceled']],
  ['expired', ['expired']],
  ['rejected', ['rejected']],
]);

type Check = (report: VenueOrderReport, expected: unknown) => boolean;

const amountIs =
  (pick: (report: VenueOrderReport) => Decimal | null): Check =>
  (report, expected) => {
    const actual = pick(report);
    const text = typeof expected === 'number' ? `${expected}` : expected;
    if (text === null) return actual === null;
    return actual !== null && isDecimalText(text) && actual.eq(decimal(text));
  };

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['id', (report, expected) => report.venueOrderId === expected],
  ['clientOrderId', (report, expected) => report.venueClientId === expected],
  ['symbol', (report, expected) => report.symbol.replace('/', '') === String(expected).replace('/', '')],
  ['type', (report, expected) => report.type === expected || report.type === `stop-${String(expected)}`],
  ['side', (report, expected) => report.side === expected],
  ['timeInForce', (report, expected) => report.timeInForce === expected || report.timeInForce === null],
  ['status', (report, expected) => STATUS.get(String(expected))?.includes(report.status) ?? false],
  ['amount', amountIs((report) => report.quantity)],
  ['price', (report, expected) => report.price === null || amountIs((order) => order.price)(report, expected)],
  ['filled', amountIs((report) => report.filledQuantity)],
  ['remaining', amountIs((report) => (report.filledQuantity === null ? null : report.quantity.minus(report.filledQuantity)))],
  ['cost', amountIs((report) => report.filledQuote)],
  ['triggerPrice', amountIs((report) => report.stopPrice)],
  ['stopLossPrice', amountIs((report) => report.stopPrice)],
  ['takeProfitPrice', amountIs((report) => report.stopPrice)],
]);

/**
 * Compares what was read with what the case expects, in those of its words that we know. `null`: nothing differs.
 * Only orders have such words here.
 */
export function differenceFrom(expected: unknown, parsed: unknown): string | null {
  if (expected === undefined || expected === null) return null;
  if (Array.isArray(expected)) {
    if (!Array.isArray(parsed) || parsed.length !== expected.length) return 'the number of entries differs';
    for (const [at, item] of expected.entries()) {
      const difference = differenceFrom(item, parsed[at]);
      if (difference !== null) return `${at}: ${difference}`;
    }
    return null;
  }
  if (typeof expected !== 'object' || !isReport(parsed)) return null;
  const wrong = Object.entries(expected as Fields).find(([name, value]) => CHECKS.get(name)?.(parsed, value) === false);
  return wrong === undefined ? null : `${wrong[0]} differs`;
}

function isReport(value: unknown): value is VenueOrderReport {
  return typeof value === 'object' && value !== null && 'venueOrderId' in value && 'status' in value;
}
