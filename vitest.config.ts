import { defineConfig } from 'vitest/config';

/**
 * Tests run the TypeScript sources as they stand: the `source` condition makes `#libs/…` point at them. `import` must not be
 * named here: Vitest hands the list to its workers, where `require` would then be given ES modules.
 */
const conditions = ['source', 'node'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // The global set-up runs in an environment of its own.
  environments: { __vitest__: { resolve: { conditions } } },
  test: {
    include: ['{apps,libs,migrations,test}/**/*.{spec,e2e-spec}.ts'],
    exclude: ['**/node_modules/**', 'dist/**', '**/*.recordings.spec.ts'],
    globalSetup: ['test/setup/embedded-postgres.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
});
