import { closedLoop, openLoop } from './loops.js';
import type { WorkerAnswer, WorkerTask } from './protocol.js';
import { createSender } from './senders.js';

/** A process of its own, so that its CPU time is that of the sender and of nothing else. */
async function work(task: WorkerTask): Promise<WorkerAnswer> {
  const sender = await createSender(task.sender, task.target);
  try {
    return task.kind === 'closed-loop' ? await closedLoop(sender, task) : await openLoop(sender, task);
  } finally {
    await sender.close();
  }
}

process.once('message', (task: WorkerTask) => {
  work(task)
    .catch((failure: unknown): WorkerAnswer => ({ kind: 'failed', reason: failure instanceof Error ? failure.message : String(failure) }))
    .then((answer) => process.send?.(answer, () => process.exit(0)))
    .catch(() => process.exit(1));
});
