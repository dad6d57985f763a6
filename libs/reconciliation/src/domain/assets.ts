/** The two assets that a trade in a market moves. A derivative moves only what it is settled in. */
export interface MarketAssets {
  readonly base: string;
  readonly quote: string;
  /** `null` for spot. */
  readonly settle: string | null;
}

/**
 * Reads a unified symbol: `BTC/USDT`, `BTC/USDT:USDT`. Of the symbol alone, so that a fill can be posted before its market is loaded.
 * @throws RangeError where it is no unified symbol.
 */
export function assetsOf(symbol: string): MarketAssets {
  const [pair = '', contract = null] = symbol.split(':', 2);
  const [base = '', quote = '', ...rest] = pair.split('/');
  if (base === '' || quote === '' || rest.length > 0) throw new RangeError(`not a unified symbol: ${symbol.slice(0, 40)}`);
  return { base, quote, settle: contract === null ? null : contract.split('-', 1)[0]! };
}

/** Whether it names its market as we do. A venue's own name is not yet known here, or of a market that is never loaded. */
export function isUnified(symbol: string): boolean {
  return /^[^/:]+\/[^/:]+(:[^/:]+)?$/.test(symbol);
}

/** Every asset that an order in this market may move, its fee in a third asset aside. */
export function touchedBy(symbol: string): readonly string[] {
  const { base, quote, settle } = assetsOf(symbol);
  return settle === null ? [base, quote] : [settle];
}
