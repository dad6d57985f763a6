import { Global, Inject, Injectable, Module } from '@nestjs/common';
import type { DynamicModule, OnModuleDestroy } from '@nestjs/common';
import { Database } from '#libs/database';
import { Clock, Scheduler } from '#libs/kernel';
import { AccountLeases } from '#libs/leases';
import { ClusterSecret } from './application/cluster-secret.js';
import { PeerClient } from './application/peer-client.js';
import { PeerForwarder } from './application/peer-forwarder.js';
import { AccountRouting } from './http/account-routing.js';
import { PeerGate } from './http/peer-gate.js';
import { UndiciPeerClient } from './http/undici-peer-client.js';
import { SqlClusterSecret } from './persistence/sql-cluster-secret.js';

@Injectable()
class PeerClientShutdown implements OnModuleDestroy {
  constructor(@Inject(PeerClient) private readonly client: UndiciPeerClient) {}

  async onModuleDestroy(): Promise<void> {
    await this.client.close();
  }
}

/** Global. Provides `AccountRouting`. The composition root provides `AccountLeases`, `Database`, `Clock` and `Scheduler`. */
@Global()
@Module({})
export class ReplicasModule {
  /** @param deadlineMs how long a request may wait for the holder's answer: longer than the holder itself waits for a venue. */
  static forRoot({ deadlineMs }: { readonly deadlineMs: number }): DynamicModule {
    return {
      module: ReplicasModule,
      providers: [
        { provide: ClusterSecret, useFactory: (database: Database) => new SqlClusterSecret(database), inject: [Database] },
        { provide: PeerClient, useClass: UndiciPeerClient },
        {
          provide: PeerForwarder,
          useFactory: (leases: AccountLeases, client: PeerClient, clock: Clock, scheduler: Scheduler) =>
            new PeerForwarder(leases, client, clock, scheduler, deadlineMs),
          inject: [AccountLeases, PeerClient, Clock, Scheduler],
        },
        PeerGate,
        AccountRouting,
        PeerClientShutdown,
      ],
      exports: [AccountRouting],
    };
  }
}
