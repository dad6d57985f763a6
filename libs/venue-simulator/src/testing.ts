import { createHmac, sign } from 'node:crypto';
import { request } from 'undici';
import WebSocket from 'ws';
import { ManualClock } from '#libs/kernel';
import { startSimulator } from './server/start-simulator.js';
import type { RunningSimulator, SimulatorOptions } from './server/start-simulator.js';

/** JSON as it came; tests look into it with matchers. */
export type Frame = Readonly<Record<string, unknown>>;
type Values = Readonly<Record<string, string | number | boolean>>;

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Parsed body; empty where it is no JSON object. */
  readonly json: Frame;
  /** Parsed body that is an array; empty otherwise. */
  readonly list: readonly Frame[];
}

/** A simulator for tests: seeded, with a clock that stands still and makers that rest, on a free port. */
export async function startTestSimulator(
  options: Partial<SimulatorOptions> = {},
): Promise<{ simulator: RunningSimulator; clock: ManualClock }> {
  const clock = new ManualClock(1_700_000_000_000);
  const simulator = await startSimulator({ port: 0, seed: 7, stepMs: 0, clock, ...options });
  return { simulator, clock };
}

/** A plain client of the simulated Binance, signing as the venue documents. */
export class BinanceTestClient {
  readonly base: string;
  private readonly key: string;
  private readonly secret: string;
  private readonly ed25519: string;

  constructor(
    private readonly simulator: RunningSimulator,
    private readonly nowMs: () => number,
    account = 'binance-sim',
  ) {
    this.base = `http://127.0.0.1:${simulator.port}`;
    const found = simulator
      .world()
      .exchange.accounts()
      .find(({ name }) => name === account)!;
    this.key = found.apiKey;
    this.secret = found.apiSecret;
    this.ed25519 = found.ed25519PrivateKey!;
  }

  /** A public call. */
  async get(path: string, params: Values = {}): Promise<TestAnswer> {
    return this.send('GET', `/binance${path}?${encode(params)}`);
  }

  /** A signed call, parameters in the query; `timestamp` is the simulator's own time unless given. */
  async signed(method: string, path: string, params: Values = {}): Promise<TestAnswer> {
    const query = encode({ timestamp: this.nowMs(), ...params });
    return this.send(method, `/binance${path}?${query}&signature=${this.hmac(query)}`, { 'x-mbx-apikey': this.key });
  }

  order(params: Values): Promise<TestAnswer> {
    return this.signed('POST', '/api/v3/order', { symbol: 'BTCUSDT', side: 'BUY', ...params });
  }

  limit(params: Values = {}): Promise<TestAnswer> {
    return this.order({ type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '60000', ...params });
  }

  control(method: string, path: string, body?: unknown): Promise<TestAnswer> {
    return this.send(method, `/_sim${path}`, {}, body === undefined ? undefined : JSON.stringify(body));
  }

  async send(method: string, path: string, headers: Record<string, string> = {}, sent?: string): Promise<TestAnswer> {
    const answer = await request(`${this.base}${path}`, {
      method: method as 'GET',
      headers,
      ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await answer.body.text();
    const body = parse(text);
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text,
      json: frameOf(body),
      list: Array.isArray(body) ? (body as Frame[]) : [],
    };
  }

  get apiKey(): string {
    return this.key;
  }

  hmac(payload: string): string {
    return createHmac('sha256', this.secret).update(payload).digest('hex');
  }

  /** Parameters of a WebSocket API request with key, time and signature. */
  wsSigned(params: Values = {}, by: 'hmac' | 'ed25519' = 'hmac'): Values {
    const all: Values = { apiKey: this.key, timestamp: this.nowMs(), ...params };
    const payload = Object.keys(all)
      .sort()
      .map((name) => `${name}=${String(all[name])}`)
      .join('&');
    return { ...all, signature: by === 'hmac' ? this.hmac(payload) : sign(null, Buffer.from(payload), this.ed25519).toString('base64') };
  }

  open(path: string): Promise<TestSocket> {
    return TestSocket.open(`ws://127.0.0.1:${this.simulator.port}/binance${path}`);
  }
}

function encode(params: Values): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function frameOf(value: unknown): Frame {
  return typeof value === 'object' && value !== null ? (value as Frame) : {};
}

/** A socket that keeps what it receives, so that tests wait for conditions and not for time. */
export class TestSocket {
  readonly messages: Frame[] = [];
  readonly texts: string[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;
  private waiters: (() => void)[] = [];

  private constructor(readonly ws: WebSocket) {
    ws.on('message', (data: Buffer) => {
      const text = data.toString('utf8');
      this.texts.push(text);
      this.messages.push(frameOf(parse(text)));
      this.wake();
    });
    ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.wake();
    });
    ws.on('error', () => this.wake());
  }

  /** @throws the error of the handshake, with the status in its message. */
  static open(url: string): Promise<TestSocket> {
    return new Promise((resolve, reject) => {
      const ws = new WebSocket(url);
      const socket = new TestSocket(ws);
      ws.on('open', () => resolve(socket));
      ws.on('error', reject);
    });
  }

  send(frame: unknown): void {
    this.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The first message, past or to come, that fits. */
  async find(fits: (message: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.messages.find(fits);
      if (found !== undefined) return found;
      await this.next();
    }
  }

  /** Waits until the condition holds; looks again at each message and at the close. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.next();
  }

  /** Sends a WebSocket API request and answers its reply. */
  async ask(id: string, method: string, params: Frame = {}): Promise<Frame> {
    this.send({ id, method, params });
    return this.find((message) => message['id'] === id);
  }

  close(): void {
    this.ws.terminate();
  }

  private next(): Promise<void> {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  private wake(): void {
    const waiters = this.waiters;
    this.waiters = [];
    for (const wake of waiters) wake();
  }
}
