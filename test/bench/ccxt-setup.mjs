import ccxt from 'ccxt';

/**
 * Stock ccxt with nothing changed but the hosts: every `https://host` of the venue becomes the simulator's base.
 * @param base where the simulated venue answers: `http://127.0.0.1:4010/binance`
 */
export function ccxtAgainst(base, apiKey, secret, extra = {}) {
  const exchange = new ccxt.binance({ apiKey, secret, ...extra });
  for (const [name, address] of Object.entries(exchange.urls.api)) {
    if (typeof address === 'string') exchange.urls.api[name] = address.replace(/^https:\/\/[^/]+/, base);
  }
  return exchange;
}

/** The demo account of the simulated venue. */
export async function demoAccount(simulatorUrl) {
  const answer = await fetch(`${simulatorUrl}/_sim/accounts`);
  const body = await answer.json();
  const accounts = Array.isArray(body) ? body : (body.accounts ?? body.data);
  return accounts.find((account) => account.account === 'binance-sim' && account.venue === 'binance') ?? accounts[0];
}

export { ccxt };
