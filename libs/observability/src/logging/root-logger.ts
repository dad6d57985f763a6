import { hostname } from 'node:os';
import { currentCorrelationId } from '#libs/http';
import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';
import { plainError } from './plain-error.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggingOptions {
  /** `json` for machines, `pretty` for a terminal. */
  readonly format: 'json' | 'pretty';
  readonly level: LogLevel;
  readonly version?: string;
  /** Where lines go instead of standard output. For tests. */
  readonly destination?: DestinationStream;
}

/** Written together once this much has gathered, or after `FLUSH_MS`. */
const BUFFER_BYTES = 4_096;
const FLUSH_MS = 200;

const SECRET_NAMES = ['authorization', 'apiKey', 'apiSecret', 'secret', 'password', 'passphrase', 'signature', 'headers'];

/** One JSON object per line, with the correlation id of the work it belongs to. Flushed on exit; a kill -9 may lose the last 200 ms. */
export function createRootLogger(options: LoggingOptions): Logger {
  const destination = options.destination ?? standardOutput(options.format);
  return pino(
    {
      level: options.level,
      base: {
        service: 'breakwater',
        ...(options.version !== undefined && { version: options.version }),
        instance: `${hostname()}:${process.pid}`,
      },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => {
        const correlationId = currentCorrelationId();
        return correlationId === null ? {} : { correlationId };
      },
      serializers: { err: plainError, error: plainError },
      redact: { paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`]), censor: '***' },
    },
    destination,
  );
}

function standardOutput(format: LoggingOptions['format']): DestinationStream {
  if (format === 'pretty') {
    return PinoPretty({
      destination: 1,
      sync: true,
      singleLine: true,
      translateTime: 'SYS:HH:MM:ss.l',
      ignore: 'service,version,instance',
    });
  }
  return pino.destination({ dest: 1, sync: false, minLength: BUFFER_BYTES, periodicFlush: FLUSH_MS });
}
