import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ExchangeDirectory } from '#libs/exchanges/contract';
import { ReadinessState } from '#libs/health';
import { AccountLeases } from '#libs/leases';
import { OrderEngine } from '#libs/orders';
import { Reconciler } from '#libs/reconciliation';
import { StreamServer } from '#libs/stream';
import type { Logger } from 'pino';

/** How long clients of the stream may take to read what is left for them. */
const STREAM_DRAIN_MS = 3_000;

/**
 * Stops in the reverse order of the start: not ready, nothing new admitted, what is under way answered, the journal flushed, the
 * accounts given back, streams and pools closed. Returns the exit code: 1 where the journal could not be flushed in time.
 */
export async function shutDown(app: NestFastifyApplication, logger: Logger, drainMs: number): Promise<number> {
  app.get(ReadinessState).beginDrain();
  await within(drainMs, app.get(Reconciler).stop()).catch(() => undefined);
  const code = await within(drainMs, app.get(OrderEngine).stop(drainMs))
    .then(() => 0)
    .catch((error: unknown) => {
      logger.error({ error: error instanceof Error ? error.message : 'unknown' }, 'not everything could be finished before stopping');
      return 1;
    });
  // Nothing more is sent from here: another replica need not wait until our leases run out.
  await app.get(AccountLeases).releaseAll();
  // After the journal, so that every client hears of everything that was done for it.
  await within(drainMs, app.get(StreamServer).drain(STREAM_DRAIN_MS)).catch(() => undefined);
  await Promise.allSettled(
    app
      .get(ExchangeDirectory)
      .all()
      .map((exchange) => exchange.close()),
  );
  await within(drainMs, app.close()).catch(() => undefined);
  logger.info({}, 'gateway stopped');
  return code;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
