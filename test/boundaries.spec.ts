import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * Every import rule is seen to fail. A small project with one file per room is written into a temporary folder, under the real
 * rule file and the real tsconfig; then one forbidden import per rule is planted into it.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CRUISER = path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
const RULES = '.dependency-cruiser.cjs';

/** A project that keeps every rule. Keys are paths, values are sources. */
const CLEAN: Readonly<Record<string, string>> = {
  'libs/kernel/src/index.ts': `import Big from 'big.js'; export const one = Big('1');`,
  'libs/model/src/index.ts': `import { one } from '#libs/kernel'; export const two = one;`,
  'libs/model/src/words.ts': `export interface Word { readonly text: string }`,
  'libs/exchanges/contract/src/index.ts': `import { two } from '#libs/model'; export const port = two;`,
  'libs/exchanges/transport/src/index.ts': `import { port } from '#libs/exchanges/contract'; export const wire = port;`,
  'libs/exchanges/books/src/index.ts': `export const book = 1;`,
  'libs/exchanges/binance/src/index.ts': `export { client } from './client.js';`,
  'libs/exchanges/binance/src/client.ts': `import { wire } from '#libs/exchanges/transport'; import { book } from '#libs/exchanges/books'; export const client = [wire, book];`,
  'libs/exchanges/kraken/src/index.ts': `import { port } from '#libs/exchanges/contract'; export const kraken = port;`,
  'libs/audit/src/index.ts': `export const trail = 1;`,
  'libs/audit/src/inner.ts': `export const inner = 1; export interface Inner { readonly n: number }`,
  'libs/orders/src/index.ts': `export { submit } from './application/submit.js'; export { list } from './http/controller.js'; export { rows } from './orders.module.js';`,
  'libs/orders/src/testing.ts': `export const anOrder = 1;`,
  'libs/orders/src/orders.module.ts': `import { DataSource } from 'typeorm'; import { Rows } from './persistence/rows.js'; export const rows = [DataSource, Rows];`,
  'libs/orders/src/domain/order.ts': `import { two } from '#libs/model'; export const order = two;`,
  'libs/orders/src/application/submit.ts': `import { trail } from '#libs/audit'; import { order } from '../domain/order.js'; export const submit = [trail, order];`,
  'libs/orders/src/persistence/rows.ts': `import { DataSource } from 'typeorm'; import { submit } from '../application/submit.js'; export const Rows = [DataSource, submit];`,
  'libs/orders/src/http/controller.ts': `import { submit } from '../application/submit.js'; export const list = submit;`,
  'libs/venue-simulator/src/index.ts': `import { two } from '#libs/model'; export const engine = two;`,
  'apps/gateway/src/main.ts': `import { client } from '#libs/exchanges/binance'; import { submit } from '#libs/orders'; export const app = [client, submit];`,
  'config/options.ts': `export const options = 1;`,
  'migrations/1-create.ts': `import type { MigrationInterface } from 'typeorm'; export type Migration = MigrationInterface;`,
  'test/e2e/order.e2e-spec.ts': `import { it } from 'vitest'; import { anOrder } from '#testing/orders'; it('x', () => { void anOrder; });`,
};

const PACKAGES = ['big.js', 'typeorm', 'pg', 'vitest', '@nestjs/common', '@nestjs/typeorm'];

interface Plant {
  readonly rule: string;
  readonly because: string;
  readonly from: string;
  readonly source: string;
}

const PLANTS: readonly Plant[] = [
  {
    rule: 'no-cycles',
    because: 'two files import each other',
    from: 'libs/audit/src/cycle-a.ts',
    source: `import { b } from './cycle-b.js'; export const a: unknown = b;`,
  },
  { rule: 'no-unresolved', because: 'a file is not there', from: 'libs/audit/src/lost.ts', source: `export * from './nowhere.js';` },
  {
    rule: 'libraries-meet-at-index',
    because: 'a library reaches behind the index of another',
    from: 'libs/orders/src/application/reach.ts',
    source: `export { inner } from '../../../audit/src/inner.js';`,
  },
  {
    rule: 'libraries-meet-at-index',
    because: 'a nested library is a library too',
    from: 'libs/audit/src/reach-venue.ts',
    source: `import type { client } from '../../exchanges/binance/src/client.js'; export type C = typeof client;`,
  },
  {
    rule: 'apps-meet-libraries-at-index',
    because: 'an app reaches behind an index',
    from: 'apps/gateway/src/reach.ts',
    source: `export { inner } from '../../../libs/audit/src/inner.js';`,
  },
  {
    rule: 'kernel-depends-on-nothing',
    because: 'the kernel uses Node',
    from: 'libs/kernel/src/files.ts',
    source: `export { readFileSync } from 'node:fs';`,
  },
  {
    rule: 'model-depends-on-kernel-only',
    because: 'the trading words use a framework',
    from: 'libs/model/src/nest.ts',
    source: `export * from '@nestjs/common';`,
  },
  {
    rule: 'domain-is-pure',
    because: 'domain uses Node',
    from: 'libs/orders/src/domain/files.ts',
    source: `export { readFileSync } from 'node:fs';`,
  },
  {
    rule: 'domain-is-pure',
    because: 'even a type may not leak in',
    from: 'libs/orders/src/domain/leak.ts',
    source: `import type { trail } from '#libs/audit'; export type T = typeof trail;`,
  },
  {
    rule: 'domain-is-pure',
    because: 'a venue has a domain too',
    from: 'libs/exchanges/binance/src/domain/nest.ts',
    source: `export * from '@nestjs/common';`,
  },
  {
    rule: 'application-knows-no-adapter',
    because: 'the application reaches for rows',
    from: 'libs/orders/src/application/rows.ts',
    source: `export { Rows } from '../persistence/rows.js';`,
  },
  {
    rule: 'http-goes-through-application',
    because: 'a controller reaches for rows',
    from: 'libs/orders/src/http/rows.ts',
    source: `export { Rows } from '../persistence/rows.js';`,
  },
  {
    rule: 'typeorm-stays-in-persistence',
    because: 'a controller speaks SQL',
    from: 'libs/orders/src/http/sql.ts',
    source: `import type { Client } from 'pg'; export type C = Client;`,
  },
  {
    rule: 'venues-are-strangers',
    because: 'one venue borrows from another',
    from: 'libs/exchanges/kraken/src/borrow.ts',
    source: `export { client } from '#libs/exchanges/binance';`,
  },
  {
    rule: 'venues-are-strangers',
    because: 'the transport knows a venue',
    from: 'libs/exchanges/transport/src/know.ts',
    source: `export { kraken } from '#libs/exchanges/kraken';`,
  },
  {
    rule: 'only-apps-name-a-venue',
    because: 'a library names a venue',
    from: 'libs/orders/src/application/venue.ts',
    source: `export { client } from '#libs/exchanges/binance';`,
  },
  {
    rule: 'only-apps-name-a-venue',
    because: 'a library takes the transport of venues',
    from: 'libs/orders/src/application/wire.ts',
    source: `export { wire } from '#libs/exchanges/transport';`,
  },
  {
    rule: 'venues-know-no-orders',
    because: 'a venue writes the trail',
    from: 'libs/exchanges/binance/src/trail.ts',
    source: `export { trail } from '#libs/audit';`,
  },
  {
    rule: 'only-apps-read-config',
    because: 'a library reads the configuration',
    from: 'libs/audit/src/config.ts',
    source: `export { options } from '../../../config/options.js';`,
  },
  {
    rule: 'migrations-stand-alone',
    because: 'a migration uses our code',
    from: 'migrations/2-uses.ts',
    source: `export { one } from '#libs/kernel';`,
  },
  {
    rule: 'simulator-is-a-product-of-its-own',
    because: 'the simulated venue borrows from the adapter it tests',
    from: 'libs/venue-simulator/src/borrow.ts',
    source: `export { port } from '#libs/exchanges/contract';`,
  },
  {
    rule: 'product-never-imports-tests',
    because: 'a product file uses a builder',
    from: 'apps/gateway/src/builder.ts',
    source: `export { anOrder } from '#testing/orders';`,
  },
  {
    rule: 'product-never-imports-tests',
    because: 'a product file uses the test runner',
    from: 'libs/audit/src/runner.ts',
    source: `export { it } from 'vitest';`,
  },
];

interface Violation {
  readonly rule: string;
  readonly from: string;
}

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, source] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, source + '\n');
  }
}

/** Runs the real tool with the real rules over the temporary project. */
async function cruise(folder: string): Promise<Violation[]> {
  const args = [CRUISER, '--config', RULES, '--output-type', 'json', 'apps', 'libs', 'migrations', 'test'];
  // The exit code is the number of violations; what they are is in the answer.
  const answer = await promisify(execFile)(process.execPath, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }).catch(
    (failure: unknown) => failure as { stdout: string },
  );
  const report = JSON.parse(answer.stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  return report.summary.violations.map((violation) => ({ rule: violation.rule.name, from: violation.from }));
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'breakwater-boundaries-'));
  for (const name of [RULES, 'tsconfig.json', 'package.json']) await copyFile(path.join(ROOT, name), path.join(folder, name));
  for (const name of PACKAGES) {
    await write(folder, {
      [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: '1.0.0', type: 'module', main: 'index.js' }),
      [`node_modules/${name}/index.js`]: 'export default 1;',
    });
  }
  await write(folder, CLEAN);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the import rules', () => {
  it('find nothing in a project that keeps them', async () => {
    expect(await cruise(folder)).toEqual([]);
  });

  describe('find each planted import, and nothing else', () => {
    let violations: Violation[];

    beforeAll(async () => {
      await write(folder, Object.fromEntries(PLANTS.map((plant) => [plant.from, plant.source])));
      await write(folder, { 'libs/audit/src/cycle-b.ts': `import { a } from './cycle-a.js'; export const b: unknown = a;` });
      violations = await cruise(folder);
    });

    it.each(PLANTS)('$rule, when $because', ({ rule, from }) => {
      expect(violations).toContainEqual({ rule, from });
    });

    it('leave alone every file without a planted import', () => {
      const planted = [...PLANTS.map((plant) => plant.from), 'libs/audit/src/cycle-b.ts'];
      expect(violations.filter((violation) => !planted.includes(violation.from))).toEqual([]);
    });
  });

  it('have each been planted against', () => {
    const rules = createRequire(import.meta.url)(path.join(ROOT, RULES)) as { forbidden: { name: string }[] };
    expect([...new Set(PLANTS.map((plant) => plant.rule))].toSorted()).toEqual(rules.forbidden.map((rule) => rule.name).toSorted());
  });
});
