import type { MarketStreamLimits } from './limits.js';

/** The names of the streams of a symbol. The venue wants symbols in lower case. */
export function streamName(venueSymbol: string, channel: StreamChannel): string {
  return `${venueSymbol.toLowerCase()}@${channel}`;
}

export type StreamChannel = 'depth@100ms' | 'trade' | 'bookTicker';

/** As many of `streams` as fit into one control message, from the first on; at least one. */
export function firstBatch(
  streams: readonly string[],
  limits: Pick<MarketStreamLimits, 'streamsPerControlMax' | 'controlCharactersMax'>,
): string[] {
  const batch: string[] = [];
  let characters = 0;
  for (const stream of streams) {
    characters += stream.length + 3;
    if (batch.length > 0 && (batch.length === limits.streamsPerControlMax || characters > limits.controlCharactersMax)) break;
    batch.push(stream);
  }
  return batch;
}

export function controlMessage(method: 'SUBSCRIBE' | 'UNSUBSCRIBE' | 'LIST_SUBSCRIPTIONS', params: readonly string[], id: number): string {
  return JSON.stringify(method === 'LIST_SUBSCRIPTIONS' ? { method, id } : { method, params, id });
}

/** Lets at most `max` things happen in any `windowMs`. Times come in, monotonic. */
export class WindowBudget {
  private readonly times: number[] = [];

  constructor(
    private readonly max: number,
    private readonly windowMs: number,
  ) {}

  /** Takes one if there is one. */
  take(nowMs: number): boolean {
    while (this.times.length > 0 && this.times[0]! <= nowMs - this.windowMs) this.times.shift();
    if (this.times.length >= this.max) return false;
    this.times.push(nowMs);
    return true;
  }
}
