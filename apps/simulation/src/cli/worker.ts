import { mutantNamed } from '../mutants/catalogue.js';
import { plant } from '../mutants/plant.js';
import type { FromWorker, ToWorker } from './worker-messages.js';

/**
 * A process that plays the seeds it is sent, one after the other, and tells what became of each. With a name as its argument it plays them
 * with that mutant planted: hence nothing of the engine is loaded before.
 */
async function main(mutant: string | undefined): Promise<void> {
  const planted = mutant === undefined ? null : plant(mutantNamed(mutant));
  const { outcomeOf } = await import('./seed-runner.js');
  planted?.assertLoaded();
  process.on('message', (message: ToWorker) => void work(message.seeds));
  process.on('disconnect', () => process.exit());
  tell({ kind: 'ready' });

  async function work(seeds: readonly number[]): Promise<void> {
    for (const seed of seeds) tell({ kind: 'outcome', outcome: await outcomeOf(seed) });
    tell({ kind: 'ready' });
  }
}

function tell(message: FromWorker): void {
  // Whoever asked may be gone: then nobody wants to know.
  process.send?.(message, () => undefined);
}

await main(process.argv[2]);
