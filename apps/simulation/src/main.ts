import { simulateCommand } from './cli/simulate.command.js';

await simulateCommand()
  .parseAsync()
  .catch((failure: unknown) => {
    process.stderr.write(`simulate: ${failure instanceof Error ? failure.message : String(failure)}\n`);
    process.exitCode = 2;
  });
