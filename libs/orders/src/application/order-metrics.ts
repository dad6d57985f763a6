/** What the order engine counts. A port: the composition root connects it to the metrics registry. */
export abstract class OrderMetrics {
  abstract submitted(venue: string, outcome: 'acknowledged' | 'refused' | 'unknown' | 'not-sent'): void;
  abstract fillBooked(source: string): void;
  abstract duplicateFill(): void;
  abstract overfill(): void;
  /** Orders whose outcome is unknown now, and for how long the oldest of them has been, seconds. */
  abstract unknownOpen(count: number, oldestSeconds: number): void;
  /** Time from the arrival of an order to the moment it is handed to the venue: checks, journal, signature; seconds. */
  abstract overhead(seconds: number): void;
}
