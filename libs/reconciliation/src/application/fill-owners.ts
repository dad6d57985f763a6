import { Injectable } from '@nestjs/common';
import { Clock } from '#libs/kernel';
import type { VenueFill } from '#libs/model';
import { EngineView } from './engine-view.js';
import type { FillVerdict } from './engine-view.js';
import { ReconciliationSettings } from './reconciliation-settings.js';
import { count } from './run-context.js';
import type { RunContext } from './run-context.js';
import { VenueRecords } from './venue-records.js';

export interface OwnedFill {
  readonly fill: VenueFill;
  /** `unresolved`: the venue did not say whose order it is. */
  readonly owner: FillVerdict | 'unresolved';
}

/**
 * Whose fills are these? A row of a trade history names the venue's order id only, which is not known here for an order of unknown outcome:
 * a fill that the engine does not recognise is of others only once the venue has shown an order that is not ours.
 */
@Injectable()
export class FillOwners {
  constructor(
    private readonly engine: EngineView,
    private readonly records: VenueRecords,
    private readonly clock: Clock,
    private readonly settings: ReconciliationSettings,
  ) {}

  /** Hands the fills to the engine; asks the venue about orders that nobody knows. @throws VenueError */
  async take(context: RunContext, symbol: string, fills: readonly VenueFill[]): Promise<readonly OwnedFill[]> {
    const { name } = context.door;
    const verdicts = await this.engine.takeFills(name, symbol, fills);
    const strange = fills.filter((_, index) => verdicts[index] === 'external');
    const ids = [...new Set(strange.map((fill) => fill.venueOrderId))];
    const external = new Set(ids.length === 0 ? [] : await this.records.knownExternal(name, symbol, ids));
    const asked = await this.ask(
      context,
      symbol,
      ids.filter((id) => !external.has(id)),
    );
    for (const [id, owner] of asked) if (owner === 'external') external.add(id);
    const ours = strange.filter((fill) => asked.get(fill.venueOrderId) === 'ours');
    const again = ours.length === 0 ? [] : await this.engine.takeFills(name, symbol, ours);
    return fills.map((fill, index) => {
      if (verdicts[index] !== 'external') return { fill, owner: verdicts[index]! };
      if (external.has(fill.venueOrderId)) return { fill, owner: 'external' };
      const verdict = again[ours.indexOf(fill)];
      return { fill, owner: verdict === undefined || verdict === 'external' ? 'unresolved' : verdict };
    });
  }

  private async ask(context: RunContext, symbol: string, ids: readonly string[]): Promise<ReadonlyMap<string, 'ours' | 'external'>> {
    const { name, venueAccount } = context.door;
    const owners = new Map<string, 'ours' | 'external'>();
    for (const venueOrderId of ids.slice(0, this.settings.looksMax)) {
      const report = await venueAccount.queryOrder({ symbol, venueClientId: null, venueOrderId });
      count(context, 'ordersAsked');
      if (report === null) continue;
      const owner = await this.engine.takeReport(name, report);
      owners.set(venueOrderId, owner);
      if (owner === 'external') await this.records.seeExternal(name, [report], this.clock.nowMs());
    }
    return owners;
  }
}
