import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Metrics } from '#libs/observability';

interface Counted {
  channels(): readonly string[];
}

/** What the stream counts. */
@Injectable()
export class StreamMetrics {
  private connections: () => Iterable<Counted> = () => [];
  private readonly closes: Counter;

  constructor(@Inject(Metrics) metrics: Metrics) {
    const registers = [metrics.registry];
    const now = (): readonly Counted[] => [...this.connections()];
    this.closes = new Counter({
      name: 'breakwater_stream_closes_total',
      help: 'Connections that the gateway closed, by close code: 1013 are clients that could not keep up.',
      labelNames: ['code'],
      registers,
    });
    const connections = new Gauge({
      name: 'breakwater_stream_connections',
      help: 'Clients connected to the stream now.',
      registers,
      collect() {
        connections.set(now().length);
      },
    });
    const subscriptions = new Gauge({
      name: 'breakwater_stream_subscriptions',
      help: 'Subscriptions now, by channel.',
      labelNames: ['channel'],
      registers,
      collect() {
        subscriptions.reset();
        for (const connection of now()) for (const channel of connection.channels()) subscriptions.inc({ channel });
      },
    });
  }

  /** Asked at each scrape. */
  watch(connections: () => Iterable<Counted>): void {
    this.connections = connections;
  }

  closed(code: number): void {
    this.closes.inc({ code: String(code) });
  }
}
