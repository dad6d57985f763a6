import type { LiveSocket } from '../../../server/live-socket.js';
import type { BinanceContext } from '../context.js';
import type { StreamHub } from './stream-hub.js';
import type { StreamSink } from './topic.js';

const FRAMES_PER_SECOND_MAX = 5;
const STREAMS_MAX = 1_024;
const ID_PATTERN = /^[a-zA-Z0-9-_]{1,36}$/;

/** A control frame that is refused: code 0 to 3 as documented for the streams. */
class StreamFault extends Error {
  override readonly name = 'StreamFault';

  constructor(
    readonly code: 0 | 1 | 2 | 3,
    message: string,
  ) {
    super(message);
  }
}

/** One market-stream connection: subscriptions, raw or combined payloads, and the budget of inbound frames. */
export class StreamConnection implements StreamSink {
  private readonly streams = new Set<string>();
  private second = 0;
  private framesThisSecond = 0;

  constructor(
    private readonly context: BinanceContext,
    private readonly hub: StreamHub,
    private readonly socket: LiveSocket,
    private combined: boolean,
    names: readonly string[],
  ) {
    socket.onFrame(() => this.countFrame());
    socket.onMessage((text) => this.onMessage(text));
    socket.onClose(() => this.unsubscribe([...this.streams]));
    context.track(socket, combined ? 'combined-streams' : 'raw-streams');
    this.subscribe(names);
  }

  deliver(stream: string, payload: string, tag: { readonly type: string; readonly sequenced: boolean }): void {
    const text = this.combined ? `{"stream":"${stream}","data":${payload}}` : payload;
    this.socket.sendEvent(text, { ...tag, stream, account: null });
  }

  private countFrame(): void {
    if (this.context.world.limits === 'unlimited') return;
    const second = Math.floor(this.context.world.clock.nowMs() / 1_000);
    this.framesThisSecond = second === this.second ? this.framesThisSecond + 1 : 1;
    this.second = second;
    if (this.framesThisSecond <= FRAMES_PER_SECOND_MAX) return;
    if (this.framesThisSecond === FRAMES_PER_SECOND_MAX + 1) {
      this.context.recordViolation(this.socket.ip, null, 'ws streams', 'inbound-messages', 1008);
    }
    this.socket.close(1008, 'Too many requests');
  }

  private onMessage(text: string): void {
    if (!this.socket.isOpen) return;
    let idJson = 'null';
    try {
      const frame = parse(text);
      idJson = readId(frame['id']);
      this.socket.send(`{"result":${this.run(frame)},"id":${idJson}}`);
    } catch (error) {
      if (!(error instanceof StreamFault)) throw error;
      this.socket.send(`{"code":${error.code},"msg":${JSON.stringify(error.message)},"id":${idJson}}`);
    }
  }

  /** JSON of the result. */
  private run(frame: Record<string, unknown>): string {
    const { method, params } = frame;
    switch (method) {
      case 'SUBSCRIBE':
        this.subscribe(streamNames(params));
        return 'null';
      case 'UNSUBSCRIBE':
        this.unsubscribe(streamNames(params));
        return 'null';
      case 'LIST_SUBSCRIPTIONS':
        return JSON.stringify([...this.streams]);
      case 'SET_PROPERTY':
        this.setProperty(params);
        return 'null';
      case 'GET_PROPERTY':
        if (propertyName(params) !== 'combined') throw new StreamFault(0, 'Unknown property');
        return String(this.combined);
      default:
        throw new StreamFault(
          2,
          typeof method === 'string'
            ? `Invalid request: unknown variant \`${method.slice(0, 60)}\`, expected one of \`SUBSCRIBE\`, \`UNSUBSCRIBE\`, \`LIST_SUBSCRIPTIONS\`, \`SET_PROPERTY\`, \`GET_PROPERTY\``
            : 'Invalid request: method must be a string',
        );
    }
  }

  private subscribe(names: readonly string[]): void {
    const fresh = names.filter((name) => !this.streams.has(name));
    if (this.streams.size + fresh.length > STREAMS_MAX)
      throw new StreamFault(2, `Invalid request: at most ${STREAMS_MAX} streams per connection`);
    for (const name of fresh) {
      this.streams.add(name);
      this.socket.topics.add(name);
      this.hub.subscribe(name, this);
    }
  }

  private unsubscribe(names: readonly string[]): void {
    for (const name of names) {
      if (!this.streams.delete(name)) continue;
      this.socket.topics.delete(name);
      this.hub.unsubscribe(name, this);
    }
  }

  private setProperty(params: unknown): void {
    if (propertyName(params) !== 'combined') throw new StreamFault(0, 'Unknown property');
    const value: unknown = Array.isArray(params) ? params[1] : undefined;
    if (typeof value !== 'boolean') throw new StreamFault(1, 'Invalid value type: expected Boolean');
    this.combined = value;
  }
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new StreamFault(3, 'Invalid JSON: expected value at line 1 column 1');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new StreamFault(2, 'Invalid request: expected an object');
  return value as Record<string, unknown>;
}

function readId(id: unknown): string {
  if (id === undefined || id === null) return 'null';
  if (typeof id === 'number' && Number.isSafeInteger(id)) return String(id);
  if (typeof id === 'string' && ID_PATTERN.test(id)) return `"${id}"`;
  throw new StreamFault(2, 'Invalid request: request ID must be an unsigned integer or a string of at most 36 characters');
}

function streamNames(params: unknown): readonly string[] {
  if (!Array.isArray(params) || params.length === 0)
    throw new StreamFault(2, 'Invalid request: params must be a non-empty array of stream names');
  return params.map((name: unknown) => {
    if (typeof name !== 'string') throw new StreamFault(2, 'Invalid request: stream names must be strings');
    return name;
  });
}

function propertyName(params: unknown): string {
  const name: unknown = Array.isArray(params) ? params[0] : undefined;
  if (typeof name !== 'string') throw new StreamFault(2, 'Invalid request: property name must be a string');
  return name;
}
