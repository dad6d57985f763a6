import { defineConfig } from 'vitest/config';

/** Tests run the TypeScript sources as they stand: the `source` condition makes `#libs/…` point at them. */
const conditions = ['source', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['{apps,libs,migrations,test}/**/*.{spec,e2e-spec}.ts'],
    exclude: ['**/node_modules/**', 'dist/**', '**/*.recordings.spec.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
});
