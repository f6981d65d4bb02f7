import { availableParallelism } from 'node:os';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

// Packages see each other's src, so their tests need no build. The e2e project goes without: it meets the real dist.
const fromSource = { resolve: { conditions: ['@kora/source', ...defaultServerConditions] } };

/** What every store must do alike, on each: the packaged PostgreSQL, the oldest that Kora works on, and PGlite. */
const stores = [
  { name: 'store-18', server: 'packages/runtime/src/store/testing/server.ts' },
  { name: 'store-15', server: 'packages/postgres/fixtures/server-15.ts' },
  // One database in one session: files take turns, after all others, and share the worker that they would have anew each.
  {
    name: 'store-pglite',
    server: 'packages/pglite/fixtures/server.ts',
    fileParallelism: false,
    isolate: false,
    sequence: { groupOrder: 1 },
  },
];

export default defineConfig({
  test: {
    reporters: ['default', './scripts/reporter.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'fixtures/**'],
    // A hang is what these catch; two busy cores must not look like one.
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Three for two cores: a third of what a test takes is waiting for a process that it started.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    // A condition that is waited for comes at once or never; how long "never" takes is the busy machine's affair.
    expect: { poll: { interval: 10, timeout: 15_000 } },
    projects: [
      {
        extends: true,
        ssr: fromSource,
        test: {
          name: 'pure',
          // Files share a worker and what it has loaded; each puts back what it changed of the process.
          isolate: false,
          include: ['packages/*/src/**/*.test.ts', 'house/**/*.test.ts'],
          exclude: [
            '**/node_modules/**',
            '**/dist/**',
            '**/*.db.test.ts',
            '**/*.stores.test.ts',
            '**/*.faults.test.ts',
          ],
        },
      },
      {
        extends: true,
        ssr: fromSource,
        test: {
          name: 'db',
          // As with the pure ones: what a worker has loaded is not loaded again for each of two hundred files.
          isolate: false,
          include: ['packages/*/src/**/*.db.test.ts', 'e2e/**/*.db.test.ts'],
          globalSetup: ['packages/runtime/src/store/testing/server.ts'],
          // A real server starts for these: initdb alone is half a second on a quiet machine.
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        ssr: fromSource,
        // Servers killed, homes moved, databases upgraded: minutes. `npm run faults`, and each package's own CI.
        test: {
          name: 'faults',
          include: ['packages/*/src/**/*.faults.test.ts'],
          globalSetup: ['packages/runtime/src/store/testing/server.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      ...stores.map(({ name, server, ...order }) => ({
        extends: true as const,
        ssr: fromSource,
        test: {
          name,
          include: ['packages/*/src/**/*.stores.test.ts'],
          globalSetup: [server],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          ...order,
        },
      })),
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          // The pictures of the documentation are taken by `npm run pictures`.
          exclude: [
            '**/node_modules/**',
            '**/*.db.test.ts',
            ...(process.env['KORA_PICTURES'] === undefined ? ['e2e/cockpit/pictures.test.ts'] : []),
          ],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
