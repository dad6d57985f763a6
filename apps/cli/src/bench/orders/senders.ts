import { createHmac } from 'node:crypto';
import { Pool } from 'undici';
import { LeanClient } from './lean-http.js';
import { QUANTITY, type OrderSender, type Sender, type Target } from './protocol.js';

/** Enough for every request in flight to have its own socket, as a venue's client keeps them. */
const CONNECTIONS = 64;
const RECEIVE_WINDOW_MS = 5000;

export async function createSender(sender: Sender, target: Target): Promise<OrderSender> {
  switch (sender) {
    case 'bare':
      return bareSender(target);
    case 'gateway':
      return gatewaySender(target);
    case 'gateway-load':
      return gatewayLoad(target);
    case 'adapter':
      // Loaded only where it is measured: the bare sender's process stays bare.
      return (await import('./adapter-sender.js')).adapterSender(target);
  }
}

/** The least that any client of this venue has to do: write the form, sign it, post it, read the answer. */
function bareSender(target: Target): OrderSender {
  const { origin, pathname } = new URL(target.venueUrl);
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 });
  const prefix = `bare-${process.pid}-`;
  const headers = { 'x-mbx-apikey': target.apiKey, 'content-type': 'application/x-www-form-urlencoded' };
  let count = 0;
  return {
    async send() {
      count += 1;
      const form =
        `symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=${QUANTITY}&price=${target.price}` +
        `&newClientOrderId=${prefix}${count}&newOrderRespType=FULL&recvWindow=${RECEIVE_WINDOW_MS}&timestamp=${Date.now()}`;
      const signature = createHmac('sha256', target.apiSecret).update(form).digest('hex');
      const answer = await pool.request({
        method: 'POST',
        path: `${pathname}/api/v3/order`,
        headers,
        body: `${form}&signature=${signature}`,
      });
      const text = await answer.body.text();
      const order = JSON.parse(text) as { orderId?: number };
      if (answer.statusCode !== 200 || order.orderId === undefined) throw new Error(`the venue answered ${answer.statusCode}: ${text}`);
    },
    close: () => pool.destroy(),
  };
}

/** Bodies of orders, each with a client id of its own. */
function gatewayBodies(target: Target): () => string {
  const prefix = `bench-${process.pid}-${Date.now().toString(36)}-`;
  let count = 0;
  return () => {
    count += 1;
    return (
      `{"account":"binance-sim","symbol":"BTC/USDT","side":"buy","type":"limit","timeInForce":"IOC",` +
      `"quantity":"${QUANTITY}","price":"${target.price}","clientOrderId":"${prefix}${count}"}`
    );
  };
}

/** Through the gateway with the same client as the bare sender has, so that only the gateway makes the difference. */
function gatewaySender(target: Target): OrderSender {
  const pool = new Pool(target.gatewayUrl, { connections: CONNECTIONS, pipelining: 1 });
  const headers = { authorization: `Bearer ${target.gatewayKey}`, 'content-type': 'application/json' };
  const nextBody = gatewayBodies(target);
  return {
    async send() {
      const answer = await pool.request({ method: 'POST', path: '/v1/orders', headers, body: nextBody() });
      const text = await answer.body.text();
      if (answer.statusCode !== 201) throw new Error(`the gateway answered ${answer.statusCode}: ${text}`);
    },
    close: () => pool.destroy(),
  };
}

/** Through the gateway with a client that costs next to nothing: to see what the gateway can do, not what its client can. */
function gatewayLoad(target: Target): OrderSender {
  const { hostname, port, host } = new URL(target.gatewayUrl);
  const head =
    `POST /v1/orders HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${target.gatewayKey}\r\n` +
    'content-type: application/json\r\ncontent-length: ';
  const client = new LeanClient(hostname, Number.parseInt(port, 10), head);
  const nextBody = gatewayBodies(target);
  return {
    async send() {
      const answer = await client.post(nextBody());
      if (answer.status !== 201) throw new Error(`the gateway answered ${answer.status}: ${answer.body}`);
    },
    close: () => Promise.resolve(client.close()),
  };
}
