import { Module } from '@nestjs/common';
import { BatchDatabase, Database } from '#libs/database';
import { IdSource, Scheduler } from '#libs/kernel';
import { AccountKeeper } from './application/account-keeper.js';
import { AccountNews } from './application/account-news.js';
import { AccountSessions } from './application/account-sessions.js';
import { AmendOrderService } from './application/amend-order.service.js';
import { CancelOrderService } from './application/cancel-order.service.js';
import { CatchUp } from './application/catch-up.js';
import { CrashPoints } from './application/crash-points.js';
import { DoubtfulCommits } from './application/doubtful-commits.js';
import { EarlierOrders } from './application/earlier-orders.js';
import { FindOrder } from './application/find-order.js';
import { LiveOrders } from './application/live-orders.js';
import { OrderDrafter } from './application/order-drafter.js';
import { OrderEngine } from './application/order-engine.js';
import { OrderFeed } from './application/order-feed.js';
import { OrderGate } from './application/order-gate.js';
import { OrderJournal } from './application/order-journal.js';
import { OrderLog } from './application/order-log.js';
import { OrderReader } from './application/order-reader.js';
import { OrderSender } from './application/order-sender.js';
import { OrderSettings } from './application/order-settings.js';
import { PreviewOrderService } from './application/preview-order.service.js';
import { ReadOrdersService } from './application/read-orders.service.js';
import { ReconciledOrders } from './application/reconciled-orders.js';
import { Resubmit } from './application/resubmit.js';
import { Resolver } from './application/resolver.js';
import { SubmitOrderService } from './application/submit-order.service.js';
import { Verdicts } from './application/verdicts.js';
import { FillsController } from './http/fills.controller.js';
import { OrderRouting } from './http/order-routing.js';
import { OrderHistoryController } from './http/order-history.controller.js';
import { OrdersController } from './http/orders.controller.js';
import { SqlOrderFeed } from './persistence/sql-order-feed.js';
import { QueuedOrderJournal } from './persistence/queued-order-journal.js';
import { SqlJournalStore } from './persistence/sql-journal-store.js';
import { SqlOrderReader } from './persistence/sql-order-reader.js';

/**
 * The order engine. The composition root provides, globally: `Clock`, `IdSource`, `Scheduler`, `Database`, `OrderLog`, `OrderMetrics`,
 * `OrderSettings`, `BalanceSink`, `AccountLeases`, `Incidents`, `BalanceWitness`, `CrashPoints` and `AccountRouting`.
 */
@Module({
  controllers: [OrdersController, OrderHistoryController, FillsController],
  providers: [
    AccountKeeper,
    AccountNews,
    AccountSessions,
    AmendOrderService,
    CancelOrderService,
    CatchUp,
    DoubtfulCommits,
    EarlierOrders,
    FindOrder,
    LiveOrders,
    OrderDrafter,
    OrderEngine,
    OrderGate,
    OrderRouting,
    OrderSender,
    PreviewOrderService,
    ReadOrdersService,
    Resolver,
    Resubmit,
    ReconciledOrders,
    SubmitOrderService,
    Verdicts,
    { provide: OrderFeed, useFactory: (database: Database) => new SqlOrderFeed(database), inject: [Database] },
    { provide: OrderReader, useFactory: (database: Database) => new SqlOrderReader(database), inject: [Database] },
    {
      provide: SqlJournalStore,
      useFactory: (database: BatchDatabase, ids: IdSource, points: CrashPoints) => new SqlJournalStore(database, ids, points),
      inject: [BatchDatabase, IdSource, CrashPoints],
    },
    {
      provide: OrderJournal,
      useFactory: (store: SqlJournalStore, ids: IdSource, scheduler: Scheduler, log: OrderLog, settings: OrderSettings) =>
        new QueuedOrderJournal(store, ids, scheduler, log, { maxBatch: settings.journalMaxBatch, maxWaiting: settings.journalMaxWaiting }),
      inject: [SqlJournalStore, IdSource, Scheduler, OrderLog, OrderSettings],
    },
  ],
  exports: [
    AccountKeeper,
    AccountSessions,
    CancelOrderService,
    LiveOrders,
    OrderEngine,
    OrderFeed,
    OrderGate,
    OrderJournal,
    Resolver,
    ReconciledOrders,
  ],
})
export class OrdersModule {}
