/** What reconciliation says for the log: a fixed message and fields, never a secret. A port, bound to the process's logger. */
export abstract class ReconciliationLog {
  abstract info(message: string, fields: Readonly<Record<string, unknown>>): void;
  abstract warn(message: string, fields: Readonly<Record<string, unknown>>): void;
  abstract error(message: string, fields: Readonly<Record<string, unknown>>): void;
}

export class SilentReconciliationLog extends ReconciliationLog {
  info(): void {}
  warn(): void {}
  error(): void {}
}
