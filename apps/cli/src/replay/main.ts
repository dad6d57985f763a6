import { replayCommand } from './replay.command.js';

await replayCommand()
  .parseAsync()
  .catch((failure: unknown) => {
    process.stderr.write(`replay: ${failure instanceof Error ? failure.message : String(failure)}\n`);
    process.exitCode = 2;
  });
