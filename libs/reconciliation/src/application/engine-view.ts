import type { Balance, VenueFill, VenueOrderReport } from '#libs/model';
import type { OrderBrief } from '../domain/index.js';

/** What the engine made of a fill: booked now, booked before, or of an order that is not ours. */
export type FillVerdict = 'new' | 'known' | 'external';

/** The order engine as reconciliation sees it. A port: whoever owns the orders implements it. */
export abstract class EngineView {
  /** Orders of the account that have not ended, as they are now. */
  abstract openOrders(account: string): readonly OrderBrief[];
  /** Assets that an order of unknown outcome may have moved. */
  abstract unknownAssets(account: string): readonly string[];
  /** Takes in what the venue says of an order, also of one that has ended here. `external`: it is not ours. */
  abstract takeReport(account: string, report: VenueOrderReport): Promise<'ours' | 'external'>;
  /** Takes in rows of the venue's trade history. @returns one verdict for each, in their order. */
  abstract takeFills(account: string, symbol: string, fills: readonly VenueFill[]): Promise<readonly FillVerdict[]>;
  /** Asks the venue about one order now; resolves when its answer is taken in. */
  abstract lookAt(orderId: string): Promise<void>;
  /** All balances of the account, as the venue has just said. */
  abstract takeBalances(account: string, balances: readonly Balance[], atMs: number): void;
  /** Resolves when everything taken in so far stands in the journal. @throws when it does not get there. */
  abstract settled(account: string): Promise<void>;
}
