import { decimal, decimalText, isDecimalText } from '#libs/kernel';
import type { SimAccount } from '../exchange/types.js';
import { readFault } from '../faults/index.js';
import type { Fault, FaultKind } from '../faults/index.js';
import { ledgerOf } from './ledger.js';
import { jsonReply } from './protocol.js';
import type { HttpReply, RateLimitViolation } from './protocol.js';
import type { LimitsMode, SimulatorWorld } from './world.js';

/** What the controls may do to the simulator. */
export interface ControlSurface {
  world(): SimulatorWorld;
  venues(): readonly string[];
  violations(): readonly RateLimitViolation[];
  /** Starts over. */
  reset(seed: number, limits: LimitsMode): void;
  step(steps: number): void;
  /** Breaks sockets that are open already; true when there were any. */
  strikeOpenSockets(fault: Fault): boolean;
  endStalls(): void;
  /** Tells a venue's open sockets that it is about to go down, where the venue has words for it. */
  announceShutdown(venue: string): void;
  openSockets(): number;
}

export interface ControlCall {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
}

type Handler = (control: ControlSurface, call: ControlCall) => HttpReply;

/** These act at once on sockets that are open already; a banned address loses them too. */
const BREAKS_OPEN_SOCKETS: ReadonlySet<FaultKind> = new Set(['disconnect-ws', 'stall-ws', 'ban']);
const STEPS_MAX = 10_000;
const SEED_MAX = 4_294_967_295;

const ROUTES: Readonly<Record<string, Handler>> = {
  'GET /': index,
  'GET /_sim': index,
  'GET /_sim/health': (control) =>
    answer(200, {
      status: 'ok',
      venues: control.venues(),
      seed: control.world().seed,
      limits: control.world().limits,
      openSockets: control.openSockets(),
    }),
  'GET /_sim/accounts': (control) =>
    answer(
      200,
      control
        .world()
        .exchange.accounts()
        .map((account) => accountRow(control, account)),
    ),
  'GET /_sim/faults': (control) => answer(200, { faults: control.world().faults.list() }),
  'POST /_sim/faults': addFault,
  'DELETE /_sim/faults': clearFaults,
  'GET /_sim/ledger': ledger,
  'POST /_sim/reset': reset,
  'POST /_sim/deposit': deposit,
  'POST /_sim/step': step,
};

/** Answers `/_sim/…` and `/`. */
export function handleControl(control: ControlSurface, call: ControlCall): HttpReply {
  const handler = ROUTES[`${call.method} ${call.path}`];
  if (handler !== undefined) return handler(control, call);
  return answer(404, { error: `no ${call.method} ${call.path.slice(0, 200)}`, routes: Object.keys(ROUTES) });
}

function index(control: ControlSurface): HttpReply {
  return answer(200, {
    name: 'Breakwater venue simulator',
    what: "One matching engine behind several venues' own wire protocols: put this address and the venue's prefix in place of the venue's host.",
    venues: control.venues().map((venue) => `/${venue}/…`),
    controls: Object.keys(ROUTES),
    seed: control.world().seed,
    limits: control.world().limits,
  });
}

function accountRow(control: ControlSurface, account: SimAccount): object {
  const { name, venue, apiKey, apiSecret, passphrase, ed25519PublicKey, ed25519PrivateKey } = account;
  const balances = control
    .world()
    .exchange.balances(name)
    .map(({ asset, free, locked }) => ({ asset, free: decimalText(free), locked: decimalText(locked) }));
  return {
    account: name,
    venue,
    apiKey,
    apiSecret,
    ...(passphrase === null ? {} : { passphrase }),
    ...(ed25519PublicKey === null ? {} : { ed25519PublicKey, ed25519PrivateKey }),
    balances,
  };
}

function addFault(control: ControlSurface, call: ControlCall): HttpReply {
  const input = parse(call.body);
  const read = readFault(input, control.venues());
  if ('field' in read) return refuse(read.field, read.message);
  const { faults, clock } = control.world();
  const fault = faults.add(read, clock.nowMs());
  if (BREAKS_OPEN_SOCKETS.has(fault.kind) && control.strikeOpenSockets(fault) && fault.kind !== 'ban') faults.spend(fault);
  if (fault.kind === 'maintenance') control.announceShutdown(fault.venue);
  return answer(201, fault);
}

function clearFaults(control: ControlSurface, call: ControlCall): HttpReply {
  const id = new URLSearchParams(call.query).get('id');
  if (id !== null && !/^\d{1,9}$/.test(id)) return refuse('id', 'must be the number of a fault');
  const cleared = control.world().faults.clear(id === null ? null : Number.parseInt(id, 10));
  control.endStalls();
  return answer(200, { cleared: cleared.length });
}

function ledger(control: ControlSurface, call: ControlCall): HttpReply {
  const account = new URLSearchParams(call.query).get('account');
  const { exchange } = control.world();
  const names = exchange.accounts().map(({ name }) => name);
  if (account === null || !names.includes(account)) return refuse('account', `must be one of ${names.join(', ')}`);
  return jsonReply(200, ledgerOf(exchange, account, control.violations()));
}

function reset(control: ControlSurface, call: ControlCall): HttpReply {
  const input = call.body === '' ? {} : parse(call.body);
  if (!isObject(input)) return refuse('', 'a JSON object is expected');
  const { seed = 1, limits = 'venue' } = input;
  if (typeof seed !== 'number' || !Number.isInteger(seed) || seed < 0 || seed > SEED_MAX)
    return refuse('seed', `must be a whole number from 0 to ${SEED_MAX}`);
  if (limits !== 'venue' && limits !== 'unlimited') return refuse('limits', 'must be "venue" or "unlimited"');
  control.reset(seed, limits);
  return answer(200, { seed, limits });
}

function deposit(control: ControlSurface, call: ControlCall): HttpReply {
  const input = parse(call.body);
  if (!isObject(input)) return refuse('', 'a JSON object is expected');
  const { account, asset, amount } = input;
  const { exchange, clock } = control.world();
  const names = exchange.accounts().map(({ name }) => name);
  if (typeof account !== 'string' || !names.includes(account)) return refuse('account', `must be one of ${names.join(', ')}`);
  if (typeof asset !== 'string' || !/^[A-Z0-9]{1,20}$/.test(asset)) return refuse('asset', 'must be an asset such as USDT');
  if (!isDecimalText(amount) || decimal(amount).lte('0') || decimal(amount).c.length - decimal(amount).e - 1 > 8) {
    return refuse('amount', 'must be decimal text above zero with at most 8 decimals, such as "100.5"');
  }
  exchange.deposit(account, asset, decimal(amount), clock.nowMs());
  return answer(200, { account, asset, amount });
}

function step(control: ControlSurface, call: ControlCall): HttpReply {
  const input = call.body === '' ? {} : parse(call.body);
  if (!isObject(input)) return refuse('', 'a JSON object is expected');
  const { steps = 1 } = input;
  if (typeof steps !== 'number' || !Number.isInteger(steps) || steps < 1 || steps > STEPS_MAX)
    return refuse('steps', `must be a whole number from 1 to ${STEPS_MAX}`);
  control.step(steps);
  return answer(200, { steps });
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(field: string, message: string): HttpReply {
  return answer(400, { error: field === '' ? message : `${field}: ${message}`, field });
}

function answer(status: number, value: unknown): HttpReply {
  return jsonReply(status, JSON.stringify(value));
}
