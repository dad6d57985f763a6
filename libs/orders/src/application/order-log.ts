/** What the order engine says for the log: a fixed message and fields, never a secret. A port, bound to the process's logger. */
export abstract class OrderLog {
  abstract info(message: string, fields: Readonly<Record<string, unknown>>): void;
  abstract warn(message: string, fields: Readonly<Record<string, unknown>>): void;
  abstract error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

export class SilentOrderLog extends OrderLog {
  info(): void {}
  warn(): void {}
  error(): void {}
}
