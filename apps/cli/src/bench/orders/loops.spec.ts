import { expect, it } from 'vitest';
import { closedLoop, openLoop } from './loops.js';
import type { ClosedLoopTask, OpenLoopTask, Target } from './protocol.js';

const target: Target = { venueUrl: '', venueWsUrl: '', apiKey: '', apiSecret: '', gatewayUrl: '', gatewayKey: '', price: '1' };

/** Counts what is under way; answers in the next turn of the event loop. */
function countingSender() {
  const seen = { sent: 0, underWay: 0, most: 0 };
  const send = async (): Promise<void> => {
    seen.sent += 1;
    seen.underWay += 1;
    seen.most = Math.max(seen.most, seen.underWay);
    await new Promise((resolve) => setImmediate(resolve));
    seen.underWay -= 1;
  };
  return { seen, sender: { send, close: () => Promise.resolve() } };
}

it('a closed loop keeps as many on the way as it was told, and sends each order once', async () => {
  const { seen, sender } = countingSender();
  const task: ClosedLoopTask = { kind: 'closed-loop', sender: 'bare', target, inFlight: 8, warmUp: 20, orders: 100 };
  const answer = await closedLoop(sender, task);
  expect(seen).toEqual({ sent: 120, underWay: 0, most: 8 });
  expect(answer).toMatchObject({ kind: 'closed-loop', perSecond: expect.any(Number), cpuMicrosPerOrder: expect.any(Number) });
});

const openTask: OpenLoopTask = { kind: 'open-loop', sender: 'bare', target, perSecond: 1000, warmUpSeconds: 0.02, seconds: 0.05 };

it('an open loop sends on however long the answers take, and counts none of the warm-up', async () => {
  let sent = 0;
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const send = (): Promise<void> => {
    sent += 1;
    if (sent === 70) release();
    return gate;
  };
  const answer = await openLoop({ send, close: () => Promise.resolve() }, openTask);
  expect(answer).toMatchObject({ kind: 'open-loop', answered: 50 });
});

it('an open loop says how many orders failed, and why the first did', async () => {
  const sender = { send: () => Promise.reject(new Error('refused')), close: () => Promise.resolve() };
  await expect(openLoop(sender, openTask)).rejects.toThrow('70 of 70 orders failed, the first: Error: refused');
});
