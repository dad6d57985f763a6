import { type Decimal, invariant } from '#libs/kernel';
import { ASSET_DECIMALS, fromUnits } from './scaled.js';
import type { SimAssetTotals, SimBalance } from './types.js';

/** One asset of one account, in units of 10^-8. Neither part is ever negative. */
export class Holding {
  free = 0n;
  locked = 0n;
  isChanged = false;

  constructor(readonly asset: string) {}

  balance(): SimBalance {
    return new Balance(this.asset, this.free, this.locked);
  }
}

/** A holding at one moment; decimals are made only for whoever asks for them. */
class Balance implements SimBalance {
  constructor(
    readonly asset: string,
    readonly freeUnits: bigint,
    readonly lockedUnits: bigint,
  ) {}

  get free(): Decimal {
    return fromUnits(this.freeUnits, ASSET_DECIMALS);
  }

  get locked(): Decimal {
    return fromUnits(this.lockedUnits, ASSET_DECIMALS);
  }

  toJSON(): object {
    return { asset: this.asset, free: this.free, locked: this.locked };
  }
}

/** The money of one account. Every change goes through here, so that the rules are checked in one place. */
export class LedgerAccount {
  private readonly holdings = new Map<string, Holding>();
  /** Holdings that changed since the last `takeChanged`. */
  private changed: Holding[] = [];

  constructor(readonly name: string) {}

  holding(asset: string): Holding {
    let holding = this.holdings.get(asset);
    if (holding === undefined) {
      holding = new Holding(asset);
      this.holdings.set(asset, holding);
    }
    return holding;
  }

  free(asset: string): bigint {
    return this.holdings.get(asset)?.free ?? 0n;
  }

  all(): Iterable<Holding> {
    return this.holdings.values();
  }

  credit(asset: string, units: bigint): void {
    invariant(units >= 0n, 'credit >= 0');
    const holding = this.touch(asset);
    holding.free += units;
  }

  lock(asset: string, units: bigint): void {
    const holding = this.touch(asset);
    invariant(units >= 0n, 'lock >= 0');
    invariant(holding.free >= units, 'free >= lock');
    holding.free -= units;
    holding.locked += units;
  }

  unlock(asset: string, units: bigint): void {
    const holding = this.touch(asset);
    invariant(units >= 0n, 'unlock >= 0');
    invariant(holding.locked >= units, 'locked >= unlock');
    holding.locked -= units;
    holding.free += units;
  }

  /** Pays from free funds. */
  pay(asset: string, units: bigint): void {
    const holding = this.touch(asset);
    invariant(units >= 0n, 'payment >= 0');
    invariant(holding.free >= units, 'free >= payment');
    holding.free -= units;
  }

  /** Takes `released` out of the lock, pays `units` of it and gives the rest back. */
  payLocked(asset: string, units: bigint, released: bigint): void {
    const holding = this.touch(asset);
    invariant(units >= 0n, 'payment >= 0');
    invariant(released >= units, 'released >= payment');
    invariant(holding.locked >= released, 'locked >= released');
    holding.locked -= released;
    holding.free += released - units;
  }

  hasChanges(): boolean {
    return this.changed.length > 0;
  }

  takeChanged(): readonly Holding[] {
    const changed = this.changed;
    this.changed = [];
    for (const holding of changed) holding.isChanged = false;
    return changed;
  }

  private touch(asset: string): Holding {
    const holding = this.holding(asset);
    if (!holding.isChanged) {
      holding.isChanged = true;
      this.changed.push(holding);
    }
    return holding;
  }
}

/**
 * All money of the venue. What came in by deposits is, at any moment, what the accounts hold, plus what was taken in fees, plus the
 * makers' pool, which is signed: makers have no limit, they only owe.
 */
export class Ledger {
  private readonly accounts = new Map<string, LedgerAccount>();
  private readonly makers = new Map<string, bigint>();
  private readonly fees = new Map<string, bigint>();
  private readonly deposited = new Map<string, bigint>();

  open(name: string, assets: Iterable<string>): LedgerAccount {
    invariant(!this.accounts.has(name), 'account names are unique');
    const account = new LedgerAccount(name);
    for (const asset of assets) account.holding(asset);
    this.accounts.set(name, account);
    return account;
  }

  deposit(account: LedgerAccount, asset: string, units: bigint): void {
    account.credit(asset, units);
    add(this.deposited, asset, units);
  }

  addFee(asset: string, units: bigint): void {
    add(this.fees, asset, units);
  }

  /** Positive when makers receive. */
  moveMakers(asset: string, units: bigint): void {
    add(this.makers, asset, units);
  }

  totals(): readonly SimAssetTotals[] {
    const held = new Map<string, bigint>();
    for (const account of this.accounts.values()) {
      for (const holding of account.all()) add(held, holding.asset, holding.free + holding.locked);
    }
    const assets = new Set([...held.keys(), ...this.makers.keys(), ...this.fees.keys()]);
    return [...assets].map((asset) => ({
      asset,
      deposited: amount(this.deposited, asset),
      accounts: amount(held, asset),
      makers: amount(this.makers, asset),
      fees: amount(this.fees, asset),
    }));
  }
}

function add(totals: Map<string, bigint>, asset: string, units: bigint): void {
  totals.set(asset, (totals.get(asset) ?? 0n) + units);
}

function amount(totals: ReadonlyMap<string, bigint>, asset: string): Decimal {
  return fromUnits(totals.get(asset) ?? 0n, ASSET_DECIMALS);
}
