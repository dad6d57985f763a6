import { quantile } from '../bench-result.js';
import type { ClosedLoopTask, OpenLoopTask, OrderSender, WorkerAnswer } from './protocol.js';

export async function closedLoop(sender: OrderSender, task: ClosedLoopTask): Promise<WorkerAnswer> {
  await sendAll(sender, task.warmUp, task.inFlight);
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  await sendAll(sender, task.orders, task.inFlight);
  const seconds = (performance.now() - started) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  return { kind: 'closed-loop', perSecond: task.orders / seconds, cpuMicrosPerOrder: (cpu.user + cpu.system) / task.orders };
}

async function sendAll(sender: OrderSender, orders: number, inFlight: number): Promise<void> {
  let left = orders;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await sender.send();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

const TICK_MS = 1;

/**
 * Latency runs from the moment an order is handed over. The sender never waits for an answer, so that a stall of the server
 * is felt by every order that falls into it.
 */
export async function openLoop(sender: OrderSender, task: OpenLoopTask): Promise<WorkerAnswer> {
  const warmUp = Math.round(task.perSecond * task.warmUpSeconds);
  const total = warmUp + Math.round(task.perSecond * task.seconds);
  const latenciesMs: number[] = [];
  const pending: Promise<void>[] = [];
  const failures: unknown[] = [];
  const started = performance.now();
  const sendOne = async (counts: boolean): Promise<void> => {
    const handedOver = performance.now();
    try {
      await sender.send();
      if (counts) latenciesMs.push(performance.now() - handedOver);
    } catch (failure) {
      failures.push(failure);
    }
  };
  while (pending.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - started) * task.perSecond) / 1000));
    while (pending.length < due) pending.push(sendOne(pending.length >= warmUp));
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  await Promise.all(pending);
  if (failures.length > 0) throw new Error(`${failures.length} of ${total} orders failed, the first: ${String(failures[0])}`);
  return { kind: 'open-loop', p50Ms: quantile(latenciesMs, 0.5), p99Ms: quantile(latenciesMs, 0.99), answered: latenciesMs.length };
}
