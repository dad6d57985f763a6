import { decimal } from '#libs/kernel';
import type { Decimal } from '#libs/kernel';
import { isFinal } from '#libs/model';
import { Fleet } from '../fleet/fleet.js';
import { isReconciled } from '../fleet/books-at-rest.js';
import type { FleetReplica } from '../fleet/fleet-replica.js';
import { SeededRandom } from '../random/seeded-random.js';
import type { OrderProblem } from '#libs/orders';
import { toldOf } from './calls.js';
import type { CancelCall, ClientCall, SubmitCall, Told } from './calls.js';
import { Disasters } from './disasters.js';
import { OrderMaker } from './order-maker.js';
import { profileOf } from './profile.js';
import { plainOrder } from '../network/plain-order.js';

export const ACCOUNTS = ['main', 'second'] as const;
const OPERATIONS = 200;
const REPLICAS = 2;
/** The operations of a run are spread over so much virtual time, ms. */
const BUSY_MS = 60_000;
const TAIL_CHANCE = 0.3;
const TAIL_MAX_MS = 80_000;
/** After the last fault: the horizon of an absence (46 s), three cycles of the sweep, a restart, a retry of the reconciliation, and three looks at balances. */
const SETTLE_MS = 46_000 + 3 * 30_000 + 30_000 + 60_000 + 3 * 25_000;
const SETTLED_POLL_MS = 250;
/** What the edge answers where the journal could not even be read. */
const UNREADABLE: OrderProblem = { code: 'database-unavailable', detail: 'the journal cannot be read now' };

export interface RunOptions {
  readonly seed: number;
  readonly operations?: number;
  readonly onLine?: (atMs: number, who: string, text: string) => void;
}

/** A run that is over: the world as it is, and everything that clients asked and were told. */
export interface FinishedRun {
  readonly seed: number;
  readonly fleet: Fleet;
  readonly calls: readonly ClientCall[];
  readonly disasters: Disasters;
  readonly operations: number;
  readonly healedAtMs: number;
  /** When everything had settled; `null` where it had not in time. */
  readonly settledAtMs: number | null;
  readonly deposits: readonly Deposit[];
  /** What an account had of each asset before anything happened. */
  readonly openingBalances: (account: string) => readonly (readonly [string, Decimal])[];
}

/** Money that came from outside. */
export interface Deposit {
  readonly account: string;
  readonly asset: string;
  readonly amount: Decimal;
}

/** One seed: a fleet under load while things fail, then a healed world that must come to rest by itself. */
export class Run {
  private readonly random: SeededRandom;
  private readonly fleet: Fleet;
  private readonly maker: OrderMaker;
  private readonly disasters: Disasters;
  private readonly calls: ClientCall[] = [];
  private readonly submits: SubmitCall[] = [];
  private readonly deposits: Deposit[] = [];
  private readonly disasterCount: number;
  private made = 0;

  constructor(private readonly options: RunOptions) {
    this.random = new SeededRandom(options.seed).fork('workload');
    const { disasters, ...faults } = profileOf(this.random.fork('profile'));
    this.disasterCount = disasters;
    this.fleet = new Fleet({
      seed: options.seed,
      accounts: ACCOUNTS,
      replicas: REPLICAS,
      ...faults,
      ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
    });
    this.maker = new OrderMaker(this.random.fork('orders'), ACCOUNTS);
    this.disasters = new Disasters(this.fleet, this.random.fork('disasters'), ACCOUNTS);
  }

  async finish(): Promise<FinishedRun> {
    const { fleet, options } = this;
    const { time } = fleet.world;
    const operations = options.operations ?? OPERATIONS;
    const opening = new Map(ACCOUNTS.map((account) => [account as string, this.totals(account)]));
    await time.run(() => this.isOpen(), { untilMs: 30_000 });
    const startMs = time.elapsedMs;
    for (let i = 0; i < operations; i += 1) time.world.scheduler.after(this.random.next() * BUSY_MS, () => this.operate());
    // In some runs things go on failing long after the last request: past the moment from which an absence may be concluded.
    const tailMs = this.random.chance(TAIL_CHANCE) ? this.random.between(10_000, TAIL_MAX_MS) : 0;
    const troubleMs = BUSY_MS + tailMs;
    for (let i = 0; i < this.disasterCount; i += 1)
      time.world.scheduler.after(this.random.next() * troubleMs, () => this.disasters.strike());
    await time.run(startMs + troubleMs);
    fleet.heal();
    const healedAtMs = time.elapsedMs;
    for (const period of this.disasters.killPeriods) period.toMs = Math.min(period.toMs, healedAtMs);
    const settledAtMs = await this.settle(healedAtMs);
    return {
      seed: options.seed,
      fleet,
      calls: this.calls,
      disasters: this.disasters,
      operations,
      healedAtMs,
      settledAtMs,
      deposits: this.deposits,
      openingBalances: (account) => opening.get(account) ?? [],
    };
  }

  /** Looks from time to time whether everything has come to rest. */
  private async settle(healedAtMs: number): Promise<number | null> {
    const { time } = this.fleet.world;
    while (time.elapsedMs < healedAtMs + SETTLE_MS) {
      await time.runFor(SETTLED_POLL_MS);
      if (this.isAtRest(healedAtMs)) {
        const atMs = time.elapsedMs;
        // One more sweep: what the venue did unseen is found by it.
        await time.runFor(SWEEP_MS);
        if (this.isAtRest(healedAtMs)) return atMs;
      }
    }
    return null;
  }

  private isAtRest(healedAtMs: number): boolean {
    const { replicas, database } = this.fleet;
    if (!ACCOUNTS.every((account) => isReconciled(database, account, healedAtMs))) return false;
    if (!ACCOUNTS.every((account) => replicas.some((replica) => replica.holds(account)))) return false;
    if (
      replicas.some(
        ({ isAlive, parts }) => isAlive && (parts.resolver.size() > 0 || parts.journal.backlog() > 0 || parts.doubtful.size > 0),
      )
    )
      return false;
    // What a replica remembers of an account that another one holds is nobody's business any more.
    return replicas.every((replica) =>
      ACCOUNTS.filter((account) => replica.holds(account)).every((account) =>
        replica.parts.live.open(account).every(({ state }) => state.acknowledgedAtMs !== null && !state.cancelRequested),
      ),
    );
  }

  private isOpen(): boolean {
    return ACCOUNTS.every((account) => this.fleet.replicas.some((replica) => replica.holds(account)));
  }

  private operate(): void {
    const { random } = this;
    const point = random.next();
    if (point < 0.62) this.submitNew();
    else if (point < 0.72) this.submitAgain();
    else if (point < 0.84) this.cancel();
    else if (point < 0.88) this.amend();
    else if (point < 0.97) this.trade();
    else if (point < 0.985) this.placeByHand();
    else this.deposit();
  }

  private submitNew(): void {
    const { request, caller } = this.maker.request();
    this.submit(request, caller);
  }

  /** A client that was not answered, or does not trust its answer: the same again, sometimes many times, sometimes with another body. */
  private submitAgain(): void {
    const { random } = this;
    const keyed = this.submits.filter(({ request, caller }) => request.clientOrderId !== null || caller.idempotencyKey !== null);
    if (keyed.length === 0) return this.submitNew();
    const { request, caller } = random.pick(keyed);
    const body = random.chance(0.2) ? this.maker.changed(request) : request;
    const times = random.chance(0.1) ? 8 : 1;
    for (let i = 0; i < times; i += 1) this.submit(body, caller);
  }

  private submit(request: SubmitCall['request'], caller: SubmitCall['caller']): void {
    const replica = this.replicaFor(request.account);
    if (replica === null) return;
    const call: SubmitCall = {
      kind: 'submit',
      number: (this.made += 1),
      atMs: this.fleet.world.time.elapsedMs,
      replica: replica.process.name,
      request,
      caller,
      told: null,
      problem: null,
      answeredAtMs: null,
    };
    this.calls.push(call);
    this.submits.push(call);
    this.fleet.say(
      'client',
      `call ${call.number}: ${request.side} ${request.quantity?.toFixed()} ${request.type} at ${replica.process.name}`,
    );
    replica.process.scheduler.after(0, () => {
      const answered = (told: Told | null, problem: OrderProblem | null): void => {
        if (!replica.isAlive) return;
        Object.assign(call, { told, problem, answeredAtMs: this.fleet.world.time.elapsedMs });
        this.fleet.say('client', `call ${call.number} is told ${told === null ? problem?.code : `${told.status} ${told.orderId}`}`);
      };
      replica.parts.submits.submit(request, caller).then(
        (result) => (result.ok ? answered(toldOf(result.value.order, result.value.replayed), null) : answered(null, result.error)),
        () => answered(null, UNREADABLE),
      );
    });
  }

  private cancel(): void {
    const known = this.submits.flatMap(({ told, problem }) => told?.orderId ?? problem?.orderId ?? []);
    if (known.length === 0) return;
    const orderId = this.random.pick(known);
    const account = this.fleet.database.orders.get(orderId)?.terms.account;
    const replica = account === undefined ? null : this.replicaFor(account);
    if (replica === null) return;
    const call: CancelCall = {
      kind: 'cancel',
      number: (this.made += 1),
      atMs: this.fleet.world.time.elapsedMs,
      replica: replica.process.name,
      orderId,
      told: null,
      problem: null,
      answeredAtMs: null,
    };
    this.calls.push(call);
    this.fleet.say('client', `call ${call.number}: cancel ${orderId} at ${replica.process.name}`);
    const caller = { apiKeyId: 'client', idempotencyKey: null, correlationId: `call-${call.number}` };
    replica.process.scheduler.after(0, () => {
      void replica.parts.cancels.cancel(orderId, caller).then(
        (result) => {
          if (!replica.isAlive) return;
          call.answeredAtMs = this.fleet.world.time.elapsedMs;
          if (result.ok) call.told = toldOf(result.value, false);
          else call.problem = result.error;
        },
        () => undefined,
      );
    });
  }

  private amend(): void {
    const { random, fleet } = this;
    const open = [...fleet.database.orders.values()].filter(({ terms }) => terms.type === 'limit' && terms.quantity !== null);
    if (open.length === 0) return;
    const { terms } = random.pick(open);
    const replica = this.replicaFor(terms.account);
    if (replica === null) return;
    const quantity = terms.quantity!.times(decimal('0.5')).round(5, 0);
    const caller = { apiKeyId: 'client', idempotencyKey: null, correlationId: null };
    replica.process.scheduler.after(0, () => {
      void replica.parts.amends.amend(terms.id, { quantity, price: null }, caller).catch(() => undefined);
    });
  }

  /** Somebody else trades against what rests in the book. */
  private trade(): void {
    const { random, fleet } = this;
    const { exchange, nowMs } = fleet.world.venue;
    const quantity = decimal(`0.0${random.between(10, 99)}`);
    const side = random.pick(['buy', 'sell'] as const);
    const price = decimal(random.pick(['63000', '64000', '65000']));
    exchange.place({ ...plainOrder('other-side', `other-${(this.made += 1)}`), side, quantity, price }, nowMs);
  }

  /** Somebody uses the account past the gateway: external, never ours to touch. */
  private placeByHand(): void {
    const { exchange, nowMs } = this.fleet.world.venue;
    const order = {
      ...plainOrder(this.random.pick(ACCOUNTS), `by-hand-${(this.made += 1)}`),
      side: 'buy' as const,
      quantity: decimal('0.01'),
      price: decimal('60000'),
    };
    exchange.place(order, nowMs);
  }

  private deposit(): void {
    const { exchange, nowMs } = this.fleet.world.venue;
    const deposit = { account: this.random.pick(ACCOUNTS), asset: this.random.pick(['BTC', 'USDT']), amount: decimal('1.5') };
    this.deposits.push(deposit);
    exchange.deposit(deposit.account, deposit.asset, deposit.amount, nowMs);
  }

  private totals(account: string): [string, Decimal][] {
    return this.fleet.world.venue.exchange.balances(account).map(({ asset, free, locked }) => [asset, free.plus(locked)]);
  }

  /** Most clients find the holder; some ask any other. */
  private replicaFor(account: string): FleetReplica | null {
    const alive = this.fleet.replicas.filter((replica) => replica.process.state === 'running');
    const holder = alive.find((replica) => replica.holds(account));
    if (holder !== undefined && this.random.chance(0.9)) return holder;
    return alive.length === 0 ? null : this.random.pick(alive);
  }
}

const SWEEP_MS = 31_000;

/** Whether an order can still trade. */
export function isOpen(status: string): boolean {
  return !isFinal(status as Parameters<typeof isFinal>[0]);
}
