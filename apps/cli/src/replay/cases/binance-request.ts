import { orderQuery, placeForm, type SymbolTable } from '#libs/exchanges/binance';
import { decimal, isDecimalText } from '#libs/kernel';
import { placeIntent, readIntent, reasonOf, Uncovered, type Intent } from './binance-intent.js';
import { stepsOf } from './binance-steps.js';
import { failed, PASSED, refused, textOf, type CaseFields, type Verdict } from './case-file.js';

/** Of every signed request, or of our own choice: no case can expect them. */
const OURS: ReadonlySet<string> = new Set(['timestamp', 'recvWindow', 'signature', 'newOrderRespType']);

/** An order or query in neutral words, and what the venue accepted for it. */
export function judgeRequest(fields: CaseFields, symbols: SymbolTable): Verdict {
  const raw = textOf(fields, 'raw');
  const url = textOf(fields, 'url') ?? textOf(fields, 'path');
  if (raw === null) return refused('no-request');
  if (!['urlencoded', 'query'].includes(textOf(fields, 'encoding') ?? 'urlencoded')) return refused('encoding-not-of-this-venue');
  try {
    const intent = readIntent(fields['intent']);
    const { known, form } = buildRequest(textOf(fields, 'method') ?? 'POST', pathOf(url), intent, symbols);
    const difference = firstDifference(raw, form, ignored(fields, intent));
    if (difference === null) return PASSED;
    return known ? failed(difference) : refused(`no-reference-data: ${intent.market ?? 'no market'}, so that ${difference}`);
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === null) throw error;
    return refused(reason);
  }
}

function pathOf(url: string | null): string {
  if (url === null) return '/api/v3/order';
  return URL.canParse(url) ? new URL(url).pathname : url;
}

interface Built {
  readonly form: string;
  /** Whether the steps that the amounts were rounded to are known. */
  readonly known: boolean;
}

function buildRequest(method: string, path: string, intent: Intent, symbols: SymbolTable): Built {
  if (intent.market === null) throw new Uncovered('no-market');
  if (intent.market.includes(':')) throw new Uncovered(`not-spot-trading: ${intent.market}`);
  const symbol = intent.market;
  const instrument = symbols.instrument(symbol);
  const venueSymbol = instrument?.venueSymbol ?? symbol.replace('/', '');
  const steps = stepsOf(symbol, instrument);
  switch (`${method} ${path}`) {
    case 'POST /api/v3/order':
    case 'POST /api/v3/order/test': {
      const { command, extras } = placeIntent(intent, symbol, steps);
      return { form: placeForm(command, venueSymbol, extras), known: steps !== null };
    }
    case 'GET /api/v3/order':
    case 'DELETE /api/v3/order':
      return { form: orderQuery(reference(symbol, intent), venueSymbol), known: true };
    case 'GET /api/v3/openOrders':
    case 'DELETE /api/v3/openOrders':
      return { form: `symbol=${encodeURIComponent(venueSymbol)}`, known: true };
    default:
      throw new Uncovered(`request-not-covered: ${method} ${path}`);
  }
}

function reference(symbol: string, intent: Intent): { symbol: string; venueOrderId: string | null; venueClientId: string | null } {
  const text = (...names: string[]): string | null => {
    const value = names.map((name) => intent.params[name]).find((candidate) => candidate !== undefined && candidate !== null);
    return typeof value === 'string' || typeof value === 'number' ? `${value}` : null;
  };
  return {
    symbol,
    venueOrderId: text('id', 'orderId'),
    venueClientId: text('clientOrderId', 'origClientOrderId'),
  };
}

/** A client id that the intent names is compared, unless the case says that it does not matter. */
function ignored(fields: CaseFields, intent: Intent): ReadonlySet<string> {
  const names = new Set(OURS);
  const listed = fields['ignore'];
  if (Array.isArray(listed)) for (const name of listed) if (typeof name === 'string') names.add(name);
  if (intent.params['clientOrderId'] === undefined && intent.params['newClientOrderId'] === undefined) names.add('newClientOrderId');
  return names;
}

/** The order of the fields does not matter, and neither do zeros at a decimal's end. */
function firstDifference(expectedForm: string, actualForm: string, ignore: ReadonlySet<string>): string | null {
  const expected = new URLSearchParams(expectedForm);
  const actual = new URLSearchParams(actualForm);
  for (const name of new Set([...expected.keys(), ...actual.keys()])) {
    if (ignore.has(name)) continue;
    const [wanted, got] = [expected.get(name), actual.get(name)];
    if (!same(wanted, got)) return `${name} is ${got ?? 'not there'}, expected ${wanted ?? 'nothing'}`;
  }
  return null;
}

function same(wanted: string | null, got: string | null): boolean {
  if (wanted === got) return true;
  return isDecimalText(wanted) && isDecimalText(got) && decimal(wanted).eq(decimal(got));
}
