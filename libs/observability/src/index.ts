export { Logger, PinoLogger } from 'nestjs-pino';
export { LoggingModule } from './logging/logging.module.js';
export { plainError, type PlainError } from './logging/plain-error.js';
export { ROOT_LOGGER } from './logging/request-log.js';
export { LOG_LEVELS, createRootLogger, type LoggingOptions, type LogLevel } from './logging/root-logger.js';
export { Metrics, type MetricsOptions, type PoolState } from './metrics/metrics.js';
export { MetricsModule } from './metrics/metrics.module.js';
export { OrderCounters } from './metrics/order-counters.js';
