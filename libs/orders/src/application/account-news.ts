import { Injectable } from '@nestjs/common';
import type { AccountEvent } from '#libs/exchanges/contract';
import { isUuid } from '#libs/kernel';
import type { OrderId } from '#libs/kernel';
import type { VenueOrderReport } from '#libs/model';
import { CrashPoints } from './crash-points.js';
import { AccountSessions } from './account-sessions.js';
import type { AccountSession } from './account-sessions.js';
import { CatchUp } from './catch-up.js';
import { LiveOrders } from './live-orders.js';
import { OrderLog } from './order-log.js';
import { OrderReader } from './order-reader.js';

/** News about orders that memory does not hold, waiting for the journal. Beyond this the next sweep brings them. */
const PARKED_MAX = 10_000;

/** Takes what the private streams say to the orders it is about. A message about an order we do not know is never dropped unseen. */
@Injectable()
export class AccountNews {
  private parked = 0;

  constructor(
    sessions: AccountSessions,
    private readonly live: LiveOrders,
    private readonly reader: OrderReader,
    private readonly catchUp: CatchUp,
    private readonly points: CrashPoints,
    private readonly log: OrderLog,
  ) {
    sessions.onEvent((session, event) => this.take(session, event));
  }

  private take(session: AccountSession, event: AccountEvent): void {
    this.points.reach('stream.received');
    if (event.kind === 'order') return this.takeReport(session, event.report);
    if (event.kind === 'fill-voided') return this.takeVoid(session, event);
    // Whatever was said while nobody listened, or could not be read, is asked for.
    if (event.kind === 'unreadable' || (event.kind === 'stream' && event.state === 'live')) this.catchUp.request(session);
  }

  private takeReport(session: AccountSession, report: VenueOrderReport): void {
    const order = this.live.findByVenueClientId(report.venueClientId);
    if (order !== undefined && order.state.terms.account === session.name) return this.live.observe(order, report, 'stream');
    const id = session.venueAccount.uuidOf(report.venueClientId);
    if (id === null || !isUuid(id)) return; // Placed by others: external, not ours to touch.
    if (this.parked >= PARKED_MAX) return this.catchUp.request(session);
    this.parked += 1;
    void this.takeLate(session, report, id as OrderId).finally(() => {
      this.parked -= 1;
    });
  }

  private takeVoid(session: AccountSession, event: AccountEvent & { readonly kind: 'fill-voided' }): void {
    const order = this.live.findByVenueClientId(event.venueClientId);
    if (order !== undefined && order.state.terms.account === session.name) this.live.observeVoid(order, event.fill, event.reason);
    else this.catchUp.request(session);
  }

  /** An order that ended long ago, or one whose journal entry another replica made. */
  private async takeLate(session: AccountSession, report: VenueOrderReport, id: OrderId): Promise<void> {
    try {
      const state = await this.reader.byId(id);
      if (state === null || state.terms.venueClientId !== report.venueClientId || state.terms.account !== session.name) return;
      this.live.observe(this.live.adopt(state), report, 'stream');
    } catch {
      this.log.warn('news about an order could not be matched yet', { orderId: id, account: session.name });
      this.catchUp.request(session);
    }
  }
}
