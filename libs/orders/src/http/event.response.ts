import type { z } from 'zod';
import { timeText } from '#libs/kernel';
import type { StoredEvent } from '../domain/index.js';
import { readableEvent } from '../application/readable-event.js';
import type { orderEventOut } from './order.schemas.js';

/** An event as it goes out: decimals as text, without the terms, which stand in the order itself. */
export function eventView(stored: StoredEvent): z.output<typeof orderEventOut> {
  return {
    version: stored.version,
    type: stored.event.type,
    at: timeText(stored.atMs),
    correlationId: stored.correlationId,
    data: readableEvent(stored.event),
  };
}
