/**
 * Entry of every npm script: `node apps/cli/bin/run.mjs <command> [arguments]`. Runs on whatever Node (20 or newer) the
 * machine has, installs what is missing, goes on with the Node that the project brings along, builds what is stale, and then
 * runs the command. It names programs by path, never by `node` in PATH: shells remember where they once found it.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './build.mjs';
import { COMMANDS } from './commands.mjs';
import { ensureInstalled } from './install.mjs';
import { projectNode } from './node.mjs';
import { runChild } from './child.mjs';
import { Fault } from './fault.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');

function usage() {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`);
  return `usage: npm run <command> -- [arguments]\n\n${lines.join('\n')}\n\n--help after a command explains it.`;
}

async function main([name, ...rest]) {
  if (name === undefined || name === '--help' || name === '-h') {
    console.log(usage());
    return name === undefined ? 1 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new Fault(`there is no command ${name}\n\n${usage()}`);
  await ensureInstalled(ROOT);
  const node = projectNode(ROOT);
  const [file, ...fixed] = command.run;
  if (command.build === 'stale') await ensureBuilt(ROOT, node, file);
  if (file === undefined) return 0;
  if (!existsSync(path.join(ROOT, file))) throw new Fault(`the command ${name} is not there: ${file} is missing`);
  return runChild(node, [...nodeOptions(file), path.join(ROOT, file), ...fixed, ...rest], ROOT);
}

/** Stack traces of our own code name the TypeScript sources. */
function nodeOptions(file) {
  return file.startsWith('dist/') ? ['--enable-source-maps'] : [];
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Fault ? `breakwater: ${error.message}` : error);
  process.exitCode = 1;
}
