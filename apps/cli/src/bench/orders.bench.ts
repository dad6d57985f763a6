import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { atLeast, atMost, type BenchLine, type BenchOptions, type BenchOut, type BenchResult } from './bench-result.js';
import { ensureCcxt } from './ccxt-folder.js';
import type { ClosedLoopTask, OpenLoopTask, Sender, Target, WorkerAnswer, WorkerTask } from './orders/protocol.js';
import { startStack, type Stack } from './orders/stack.js';
import { askWorker } from './processes.js';

const IN_FLIGHT = 32;
const ORDERS = 5000;
const WARM_UP = 1500;
const OPEN_LOOP_PER_SECOND = 1000;
const OPEN_LOOP_SECONDS = 5;
const OPEN_LOOP_WARM_UP_SECONDS = 1;
/** The gateway's own code has to be compiled once before the first figure counts. */
const GATEWAY_FIRST_WARM_UP = 30_000;

const WORKER = fileURLToPath(new URL('orders/worker.js', import.meta.url));

/** One run of everything, in one order or the other, so that drift of the machine falls on both sides of a ratio. */
interface Run {
  bareCpu: number;
  adapterCpu: number;
  ccxtCpu: number;
  barePerSecond: number;
  ccxtPerSecond: number;
  gatewayPerSecond: number;
  direct: { p50Ms: number; p99Ms: number };
  through: { p50Ms: number; p99Ms: number };
}

/**
 * Orders through the adapter, through the whole gateway, and through ccxt, against the simulated venue without limits.
 * Each order is a limit order far from the market, immediate-or-cancel: accepted, journaled, answered, and gone.
 * @param root the folder of the checkout; everything must be built.
 */
export async function runOrdersBench(out: BenchOut, options: BenchOptions, root: string): Promise<BenchResult> {
  const ccxtFolder = await ensureCcxt(root, out);
  const stack = await startStack(root);
  try {
    out(`warming up the gateway with ${GATEWAY_FIRST_WARM_UP} orders`);
    await closedLoop('gateway-load', stack.gateway, { warmUp: 0, orders: GATEWAY_FIRST_WARM_UP });
    const runs: Run[] = [];
    for (let at = 0; at < options.runs; at += 1) {
      const run = await runOnce(stack, path.join(ccxtFolder, 'ccxt-worker.mjs'), at % 2 === 1);
      runs.push(run);
      out(describe(at + 1, run));
    }
    return { bench: 'orders', runs: runs.length, lines: lines(runs) };
  } finally {
    await stack.stop();
  }
}

async function runOnce(stack: Stack, ccxtWorker: string, reversed: boolean): Promise<Run> {
  const run: Partial<Run> = {};
  const steps: (() => Promise<void>)[] = [
    async () => {
      const answer = await closedLoop('bare', stack.venue);
      run.bareCpu = answer.cpuMicrosPerOrder;
      run.barePerSecond = answer.perSecond;
    },
    async () => {
      run.adapterCpu = (await closedLoop('adapter', stack.venue)).cpuMicrosPerOrder;
    },
    async () => {
      const answer = await closedLoop('bare', stack.venue, {}, ccxtWorker);
      run.ccxtCpu = answer.cpuMicrosPerOrder;
      run.ccxtPerSecond = answer.perSecond;
    },
    async () => {
      run.gatewayPerSecond = (await closedLoop('gateway-load', stack.gateway)).perSecond;
    },
    async () => {
      run.direct = await openLoop('bare', stack.venue);
    },
    async () => {
      run.through = await openLoop('gateway', stack.gateway);
    },
  ];
  for (const step of reversed ? steps.toReversed() : steps) await step();
  return run as Run;
}

type ClosedLoopAnswer = Extract<WorkerAnswer, { kind: 'closed-loop' }>;
type OpenLoopAnswer = Extract<WorkerAnswer, { kind: 'open-loop' }>;

async function closedLoop(
  sender: Sender,
  target: Target,
  { warmUp = WARM_UP, orders = ORDERS } = {},
  worker = WORKER,
): Promise<ClosedLoopAnswer> {
  const task: ClosedLoopTask = { kind: 'closed-loop', sender, target, inFlight: IN_FLIGHT, warmUp, orders };
  return (await ask(task, worker)) as ClosedLoopAnswer;
}

async function openLoop(sender: Sender, target: Target): Promise<OpenLoopAnswer> {
  const task: OpenLoopTask = {
    kind: 'open-loop',
    sender,
    target,
    perSecond: OPEN_LOOP_PER_SECOND,
    warmUpSeconds: OPEN_LOOP_WARM_UP_SECONDS,
    seconds: OPEN_LOOP_SECONDS,
  };
  return (await ask(task, WORKER)) as OpenLoopAnswer;
}

async function ask(task: WorkerTask, worker: string): Promise<WorkerAnswer> {
  if (!existsSync(worker)) throw new Error(`${worker} is not there: build first`);
  const answer = await askWorker<WorkerAnswer>(worker, task);
  if (answer.kind === 'failed') throw new Error(`${task.sender}: ${answer.reason}`);
  return answer;
}

function lines(runs: readonly Run[]): BenchLine[] {
  const line = (name: string, unit: BenchLine['unit'], goal: BenchLine['goal'], value: (run: Run) => number): BenchLine => ({
    name,
    unit,
    goal,
    values: runs.map(value),
  });
  return [
    line('bare undici: CPU per order', 'µs', null, (run) => run.bareCpu),
    line('adapter CPU per order ÷ bare undici', '×', atMost(1.2), (run) => run.adapterCpu / run.bareCpu),
    line('ccxt CPU per order ÷ bare undici', '×', null, (run) => run.ccxtCpu / run.bareCpu),
    line('ccxt: orders/s, 32 in flight', '/s', null, (run) => run.ccxtPerSecond),
    line('bare undici orders/s ÷ ccxt: what venue and machine allow', '×', null, (run) => run.barePerSecond / run.ccxtPerSecond),
    line('gateway over HTTP, durable: orders/s', '/s', null, (run) => run.gatewayPerSecond),
    line('gateway over HTTP, durable: orders/s ÷ ccxt', '×', atLeast(2), (run) => run.gatewayPerSecond / run.ccxtPerSecond),
    line('straight to the venue at 1,000/s: p50', 'ms', null, (run) => run.direct.p50Ms),
    line('straight to the venue at 1,000/s: p99', 'ms', null, (run) => run.direct.p99Ms),
    line('added by the gateway at 1,000/s: p50', 'ms', atMost(1), (run) => run.through.p50Ms - run.direct.p50Ms),
    line('added by the gateway at 1,000/s: p99', 'ms', atMost(5), (run) => run.through.p99Ms - run.direct.p99Ms),
  ];
}

function describe(number: number, run: Run): string {
  const ms = (value: number): string => value.toFixed(2);
  return (
    `run ${number}: CPU/order bare ${run.bareCpu.toFixed(0)} µs, adapter ${run.adapterCpu.toFixed(0)} µs, ccxt ${run.ccxtCpu.toFixed(0)} µs; ` +
    `orders/s gateway ${run.gatewayPerSecond.toFixed(0)}, ccxt ${run.ccxtPerSecond.toFixed(0)}; ` +
    `at 1,000/s straight p50 ${ms(run.direct.p50Ms)} p99 ${ms(run.direct.p99Ms)} ms, through the gateway p50 ${ms(run.through.p50Ms)} p99 ${ms(run.through.p99Ms)} ms`
  );
}
