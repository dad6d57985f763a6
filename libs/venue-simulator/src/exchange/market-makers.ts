import type { Desk } from './desk.js';
import type { PriceLevel } from './live-order.js';
import { MakerLadder, makersTake } from './maker-ladder.js';
import type { MarketState } from './market-state.js';
import { fireStops } from './matching.js';
import { Prng, textHash32 } from './prng.js';

/** The walk is counted in ten-millionths of the seed price. */
const WALK_SCALE = 10_000_000;
const WALK_STEP = 600;
const WALK_PULL = 4_096;
const WALK_MAX = 300_000;
const LADDER_SALT = 0x1adde4;
const STEP_SALT = 0x57e9;
/** One in so many steps the makers trade with an account's order that stands at the touch. */
const TAKE_TOUCH_ONE_IN = 4;
const TAKE_TOUCH_LOTS = 20;
const DEEP_LEVELS = 1_200;
const PLAIN_LEVELS = 240;
const DEEP_MARKETS: ReadonlySet<string> = new Set(['BTC/USDT', 'ETH/USDT']);

/**
 * The makers of one market: two ladders around a fair price that walks at random and is drawn back to the seed price. They owe without
 * limit, so no account can use them up; they trade with any account's order that the walk reaches.
 */
export class MarketMaker {
  private walk = 0;
  private steps = 0;
  private readonly bids: MakerLadder;
  private readonly asks: MakerLadder;

  constructor(
    private readonly desk: Desk,
    private readonly market: MarketState,
    private readonly seed: number,
  ) {
    const levels = DEEP_MARKETS.has(market.rules.symbol) ? DEEP_LEVELS : PLAIN_LEVELS;
    this.bids = new MakerLadder(desk, market, true, levels);
    this.asks = new MakerLadder(desk, market, false, levels);
    const random = this.random(LADDER_SALT);
    const { seedTicks } = market.rules;
    this.bids.advance(seedTicks - 1, random);
    this.asks.advance(seedTicks + 1, random);
  }

  step(): void {
    this.steps += 1;
    const random = this.random(STEP_SALT);
    const fair = this.walkOn(random);
    const bidTop = Math.max(1, fair - random.below(3));
    const askTop = bidTop + 1 + random.below(3);
    this.bids.retreat(bidTop);
    this.asks.retreat(askTop);
    this.sweep(bidTop, askTop);
    this.bids.advance(bidTop, random);
    this.asks.advance(askTop, random);
    this.bids.stir(random.between(1, 4), random);
    this.asks.stir(random.between(1, 4), random);
    this.bids.trim(random);
    this.asks.trim(random);
    this.takeTouch(true, random);
    this.takeTouch(false, random);
    this.tradeALittle(random);
    fireStops(this.desk, this.market);
  }

  private walkOn(random: Prng): number {
    const noise = random.between(-WALK_STEP, WALK_STEP) + random.between(-WALK_STEP, WALK_STEP);
    const pulled = this.walk + noise - Math.trunc(this.walk / WALK_PULL);
    this.walk = Math.max(-WALK_MAX, Math.min(WALK_MAX, pulled));
    const { seedTicks } = this.market.rules;
    return seedTicks + Math.trunc((seedTicks * this.walk) / WALK_SCALE);
  }

  /** Trades with everything that stands beyond the makers' new quotes: only accounts' orders are left there. */
  private sweep(bidTop: number, askTop: number): void {
    const { bids, asks } = this.market.book;
    for (let best = bids.best(); best !== undefined && best.ticks >= askTop; best = bids.best()) this.takeLevel(best);
    for (let best = asks.best(); best !== undefined && best.ticks <= bidTop; best = asks.best()) this.takeLevel(best);
  }

  private takeLevel(level: PriceLevel): void {
    makersTake(this.desk, this.market, !level.isBuy, level.ticks, totalSteps(level));
  }

  /** An account's order at the touch does not wait for long. */
  private takeTouch(isBuy: boolean, random: Prng): void {
    const willTake = random.oneIn(TAKE_TOUCH_ONE_IN);
    const level = this.market.book.side(isBuy).best();
    if (!willTake || level === undefined || !hasAccountOrder(level)) return;
    const steps = Math.min(totalSteps(level), this.market.lotSteps * TAKE_TOUCH_LOTS);
    makersTake(this.desk, this.market, !isBuy, level.ticks, steps);
  }

  private tradeALittle(random: Prng): void {
    for (let count = random.below(3); count > 0; count -= 1) {
      const isBuy = random.oneIn(2);
      const lots = random.between(2, 60);
      const best = this.market.book.opposite(isBuy).best();
      const steps = Math.max(this.market.rules.quantityMinSteps, Math.trunc((this.market.lotSteps * lots) / 100));
      if (best !== undefined) makersTake(this.desk, this.market, isBuy, best.ticks, steps);
    }
  }

  private random(salt: number): Prng {
    return new Prng(this.seed, textHash32(this.market.rules.symbol), salt, this.steps);
  }
}

function totalSteps(level: PriceLevel): number {
  let steps = 0;
  for (let order = level.head; order !== null; order = order.next) steps += order.remainingSteps;
  return steps;
}

function hasAccountOrder(level: PriceLevel): boolean {
  for (let order = level.head; order !== null; order = order.next) if (order.owner !== null) return true;
  return false;
}
