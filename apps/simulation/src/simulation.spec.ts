import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from './cli/summary.js';
import { REGRESSIONS } from './regressions.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MAIN = path.join(ROOT, 'dist/apps/simulation/src/main.js');
/** `SIMULATE_FROM=100000 SIMULATE_SEEDS=20000 npm test` plays others, and more. */
const FROM = process.env['SIMULATE_FROM'] ?? '1';
const SEEDS = process.env['SIMULATE_SEEDS'] ?? '2000';
/** Two weak processors need less than three minutes; on a busy machine it takes longer. */
const TIMEOUT_MS = 600_000;

interface Ended {
  readonly status: number | null;
  readonly out: string;
}

/** The command as it is built, since its worker processes run what is built. */
function simulate(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, out }));
  });
}

async function summaryOf(...args: readonly string[]): Promise<Summary> {
  const { out } = await simulate(...args, '--json');
  return JSON.parse(out) as Summary;
}

beforeAll(() => {
  const { status, stderr } = spawnSync(process.execPath, ['apps/cli/bin/run.mjs', 'build'], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the build failed: ${stderr}`);
}, TIMEOUT_MS);

describe('the simulation', () => {
  it(
    `holds every invariant in the seeds that failed once and in ${SEEDS} seeds from ${FROM}`,
    async () => {
      const summary = await summaryOf('--seeds', SEEDS, '--from', FROM);
      const failing = summary.failing.map(({ seed, violations }) => `seed ${seed}: ${violations[0]!.invariant} ${violations[0]!.text}`);
      expect(failing).toEqual([]);
      expect(summary.seeds).toBeGreaterThanOrEqual(Number.parseInt(SEEDS, 10));
      expect(summary.operations).toBeGreaterThanOrEqual(summary.seeds * 200);
    },
    TIMEOUT_MS,
  );

  it(
    'looks at every invariant that has something to look at',
    async () => {
      const { checked } = await summaryOf('--seeds', '50', '--from', FROM);
      const looked = Object.entries(checked).flatMap(([invariant, count]) => (count > 0 ? [invariant] : []));
      const all = Array.from({ length: 21 }, (_, index) => `INV-${String(index + 1).padStart(2, '0')}`);
      // There are no risk limits and no venue with nonces yet.
      expect(looked).toEqual(all.filter((invariant) => invariant !== 'INV-11' && invariant !== 'INV-13'));
    },
    TIMEOUT_MS,
  );

  it(
    'leaves the same trace however many processes share the seeds',
    async () => {
      const alone = await summaryOf('--seeds', '10', '--from', FROM, '--jobs', '1');
      const shared = await summaryOf('--seeds', '10', '--from', FROM, '--jobs', '3');
      expect(alone.seeds).toBe(new Set([...REGRESSIONS, ...Array.from({ length: 10 }, (_, i) => Number(FROM) + i)]).size);
      expect(shared.traceHash).toBe(alone.traceHash);
    },
    TIMEOUT_MS,
  );

  it(
    'tells one seed as a story that ends with the verdict',
    async () => {
      const { out } = await simulate('--seed', FROM, '--trace');
      expect(out).toMatch(/client +call \d+: /);
      expect(out).toMatch(/database +permits attempt 1 to place /);
      expect(out).toMatch(/venue +answers #\d+ POST \/api\/v3\/order with /);
      expect(out).toMatch(/trace hash [0-9a-f]{32}\n/);
      expect(out).not.toContain('\u001B');
    },
    TIMEOUT_MS,
  );
});
