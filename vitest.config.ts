import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

// Packages see each other's src, so their tests need no build. The e2e project goes without: it meets the real dist.
const fromSource = { resolve: { conditions: ['@kora/source', ...defaultServerConditions] } };

export default defineConfig({
  test: {
    reporters: ['default', './scripts/reporter.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'fixtures/**'],
    // A hang is what these catch; two busy cores must not look like one.
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // A condition that is waited for comes at once or never; how long "never" takes is the busy machine's affair.
    expect: { poll: { interval: 10, timeout: 15_000 } },
    projects: [
      {
        extends: true,
        ssr: fromSource,
        test: {
          name: 'pure',
          include: ['packages/*/src/**/*.test.ts', 'house/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', '**/*.db.test.ts'],
        },
      },
      {
        extends: true,
        ssr: fromSource,
        test: {
          name: 'db',
          include: ['packages/*/src/**/*.db.test.ts'],
          globalSetup: ['packages/runtime/src/store/testing/server.ts'],
          // A real server starts for these: initdb alone is half a second on a quiet machine.
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // Each starts whole runtimes; side by side they would measure each other.
          fileParallelism: false,
        },
      },
    ],
  },
});
