import { Inject, Injectable } from '@nestjs/common';
import { KillSwitches } from '#libs/kill-switch';
import { AccountLeases } from '#libs/leases';
import { Metrics } from '#libs/observability';

/** Counts leases and kill switches as they change. */
@Injectable()
export class ReplicaMetrics {
  constructor(
    @Inject(AccountLeases) leases: AccountLeases,
    @Inject(KillSwitches) switches: KillSwitches,
    @Inject(Metrics) { replica }: Metrics,
  ) {
    leases.onChange((_account, change) => replica.leaseChanged(change));
    switches.onLook((engaged) => replica.killSwitchesActive(engaged.map(({ scope }) => scope)));
  }
}
