import type { Clock, IdSource, Scheduler } from '#libs/kernel';
import type { AccountLeases } from '#libs/leases';
import type { AccountAudit } from './application/account-audit.js';
import { ReconciledOrders } from './application/reconciled-orders.js';
import { AccountKeeper } from './application/account-keeper.js';
import { AccountNews } from './application/account-news.js';
import { AccountSessions } from './application/account-sessions.js';
import { AmendOrderService } from './application/amend-order.service.js';
import type { BalanceSink } from './application/balance-sink.js';
import type { BalanceWitness } from './application/balance-witness.js';
import { CancelOrderService } from './application/cancel-order.service.js';
import { CatchUp } from './application/catch-up.js';
import type { CrashPoints } from './application/crash-points.js';
import { DoubtfulCommits } from './application/doubtful-commits.js';
import { EarlierOrders } from './application/earlier-orders.js';
import { FindOrder } from './application/find-order.js';
import type { Incidents } from './application/incidents.js';
import { LiveOrders } from './application/live-orders.js';
import { OrderEngine } from './application/order-engine.js';
import { OrderGate } from './application/order-gate.js';
import { OrderDrafter } from './application/order-drafter.js';
import { Verdicts } from './application/verdicts.js';
import type { OrderLog } from './application/order-log.js';
import type { OrderMetrics } from './application/order-metrics.js';
import type { OrderReader } from './application/order-reader.js';
import { OrderSender } from './application/order-sender.js';
import type { OrderSettings } from './application/order-settings.js';
import { Resolver } from './application/resolver.js';
import { Resubmit } from './application/resubmit.js';
import { SubmitOrderService } from './application/submit-order.service.js';
import type { JournalStore } from './persistence/journal-store.js';
import { QueuedOrderJournal } from './persistence/queued-order-journal.js';

/** Everything outside of the engine: time, ids, the stores, the right to send, and whoever listens. */
export interface OrderEnginePorts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly ids: IdSource;
  readonly store: JournalStore;
  readonly reader: OrderReader;
  readonly leases: AccountLeases;
  readonly settings: OrderSettings;
  readonly balances: BalanceSink;
  readonly witness: BalanceWitness;
  readonly audit: AccountAudit;
  readonly incidents: Incidents;
  readonly points: CrashPoints;
  readonly metrics: OrderMetrics;
  readonly log: OrderLog;
  /** Runs the first flush of an idle group commit. */
  readonly defer?: (run: () => void) => void;
}

/** One engine, as the framework's container would put it together; for whoever runs it without one. */
export interface ComposedEngine {
  readonly engine: OrderEngine;
  readonly keeper: AccountKeeper;
  readonly sessions: AccountSessions;
  readonly live: LiveOrders;
  readonly submits: SubmitOrderService;
  readonly cancels: CancelOrderService;
  readonly amends: AmendOrderService;
  readonly finder: FindOrder;
  readonly resolver: Resolver;
  readonly catchUp: CatchUp;
  readonly gate: OrderGate;
  readonly journal: QueuedOrderJournal;
  readonly doubtful: DoubtfulCommits;
  readonly reconciled: ReconciledOrders;
}

export function composeOrderEngine(ports: OrderEnginePorts): ComposedEngine {
  const { clock, scheduler, ids, store, reader, leases, settings, witness, incidents, points, metrics, log } = ports;
  const journal = new QueuedOrderJournal(store, ids, scheduler, log, {
    maxBatch: settings.journalMaxBatch,
    maxWaiting: settings.journalMaxWaiting,
    ...(ports.defer === undefined ? {} : { defer: ports.defer }),
  });
  const live = new LiveOrders(journal, reader, clock, scheduler, metrics, incidents, points, log);
  const sessions = new AccountSessions(log);
  const sender = new OrderSender(live, leases, clock, metrics, points);
  const resubmit = new Resubmit(live, leases, sender, clock, points, log);
  const resolver = new Resolver(live, sessions, resubmit, witness, clock, scheduler, settings, metrics, points, log);
  const finder = new FindOrder(live, reader, leases);
  const gate = new OrderGate(journal, settings);
  const catchUp = new CatchUp(sessions, live, resolver, reader, journal, ports.balances, clock, scheduler, settings, points, log);
  const keeper = new AccountKeeper(leases, reader, journal, live, sessions, catchUp, resolver, ports.audit, clock, scheduler, points, log);
  const cancels = new CancelOrderService(finder, sessions, live, sender, resolver, leases, points, clock, scheduler, settings);
  const amends = new AmendOrderService(finder, gate, sessions, live, sender, resolver, leases, points);
  const news = new AccountNews(sessions, live, reader, catchUp, points, log);
  const doubtful = new DoubtfulCommits(journal, live, scheduler, log);
  const drafter = new OrderDrafter(sessions, leases, ids, clock, points);
  const verdicts = new Verdicts(resolver, clock, scheduler, settings);
  const earlier = new EarlierOrders(reader, live, leases);
  const submits = new SubmitOrderService(gate, keeper, drafter, journal, live, earlier, sender, verdicts, doubtful, clock, points);
  const reconciled = new ReconciledOrders(live, sessions, reader, journal, resolver, ports.balances, clock, settings);
  const engine = new OrderEngine(journal, keeper, sessions, catchUp, resolver, gate, ports.balances, news, cancels);
  return { engine, keeper, sessions, live, submits, cancels, amends, finder, resolver, catchUp, gate, journal, doubtful, reconciled };
}
