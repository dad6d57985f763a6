import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const OVERHEAD_BUCKETS_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

/** What the order engine counts: it satisfies the engine's own port by its shape. */
export class OrderCounters {
  private readonly submissions: Counter;
  private readonly fills: Counter;
  private readonly duplicates: Counter;
  private readonly overfills: Counter;
  private readonly unknown: Gauge;
  private readonly unknownAge: Gauge;
  private readonly overheads: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    this.submissions = new Counter({
      name: 'breakwater_order_submissions_total',
      help: 'Orders by what the venue said to them.',
      labelNames: ['venue', 'outcome'],
      registers,
    });
    this.fills = new Counter({
      name: 'breakwater_fills_total',
      help: 'Fills that were booked, by where they were first seen.',
      labelNames: ['source'],
      registers,
    });
    this.duplicates = new Counter({
      name: 'breakwater_fills_duplicate_total',
      help: 'Fills that were seen again and not booked again.',
      registers,
    });
    this.overfills = new Counter({
      name: 'breakwater_overfills_total',
      help: 'Orders that were filled beyond their quantity: must stay zero.',
      registers,
    });
    this.unknown = new Gauge({
      name: 'breakwater_order_unknown_open',
      help: 'Orders whose outcome at the venue is not known now.',
      registers,
    });
    this.unknownAge = new Gauge({
      name: 'breakwater_order_unknown_oldest_age_seconds',
      help: 'For how long the oldest of them has been unknown; 0 where there is none.',
      registers,
    });
    this.overheads = new Histogram({
      name: 'breakwater_gateway_overhead_seconds',
      help: 'Time from the arrival of an order to the moment it was handed to the venue.',
      buckets: OVERHEAD_BUCKETS_SECONDS,
      registers,
    });
  }

  submitted(venue: string, outcome: 'acknowledged' | 'refused' | 'unknown' | 'not-sent'): void {
    this.submissions.inc({ venue, outcome });
  }

  fillBooked(source: string): void {
    this.fills.inc({ source });
  }

  duplicateFill(): void {
    this.duplicates.inc();
  }

  overfill(): void {
    this.overfills.inc();
  }

  unknownOpen(count: number, oldestSeconds: number): void {
    this.unknown.set(count);
    this.unknownAge.set(oldestSeconds);
  }

  /** @param seconds from its arrival to the moment it was handed to the venue */
  overhead(seconds: number): void {
    this.overheads.observe(seconds);
  }
}
