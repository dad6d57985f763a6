/** What an adapter needs of a log: fields with units, and one fixed lower-case message. Pino fits. */
export interface AdapterLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export const silentLogger: AdapterLogger = { info: () => undefined, warn: () => undefined };
