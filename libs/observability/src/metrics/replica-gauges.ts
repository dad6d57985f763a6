import { Counter, Gauge, type Registry } from 'prom-client';

/** What several replicas, and whoever watches them, want to know of each. */
export class ReplicaGauges {
  private readonly transitions: Counter;
  private readonly held: Gauge;
  private readonly killSwitches: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.transitions = new Counter({
      name: 'breakwater_lease_transitions_total',
      help: 'Accounts that this replica took over or lost.',
      labelNames: ['change'],
      registers,
    });
    this.held = new Gauge({ name: 'breakwater_leases_held', help: 'Accounts that this replica holds.', registers });
    this.killSwitches = new Gauge({
      name: 'breakwater_kill_switch_active',
      help: 'Kill switches that are engaged, by what they stop.',
      labelNames: ['scope'],
      registers,
    });
  }

  leaseChanged(change: 'gained' | 'lost'): void {
    this.transitions.inc({ change });
    if (change === 'gained') this.held.inc();
    else this.held.dec();
  }

  /** Counts by `all`, `venue` and `account`: names of accounts are no labels. */
  killSwitchesActive(scopes: readonly string[]): void {
    this.killSwitches.reset();
    for (const scope of scopes) this.killSwitches.inc({ scope: scope.split(':')[0]! });
  }
}
