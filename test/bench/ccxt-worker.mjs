/** One closed-loop run of ccxt in a process of its own: the same orders, the same number in flight, the same simulator. */
import { ccxtAgainst } from './ccxt-setup.mjs';

async function work({ target, inFlight, warmUp, orders }) {
  const exchange = ccxtAgainst(target.venueUrl, target.apiKey, target.apiSecret, {
    enableRateLimit: false,
    options: { fetchMarkets: { types: ['spot'] }, fetchCurrencies: false },
  });
  await exchange.loadMarkets();
  const price = Number(target.price);
  const sendAll = async (count) => {
    let left = count;
    const lane = async () => {
      while (left > 0) {
        left -= 1;
        await exchange.createOrder('BTC/USDT', 'limit', 'buy', 0.001, price, { timeInForce: 'IOC' });
      }
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
  };
  await sendAll(warmUp);
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  await sendAll(orders);
  const seconds = (performance.now() - started) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  return { kind: 'closed-loop', perSecond: orders / seconds, cpuMicrosPerOrder: (cpu.user + cpu.system) / orders };
}

process.once('message', (task) => {
  void work(task)
    .catch((failure) => ({ kind: 'failed', reason: String(failure?.message ?? failure) }))
    .then((answer) => process.send(answer, () => process.exit(0)));
});
