import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

// Packages see each other's src, so tests need no build; e2e opts out, it meets what a user gets.
const source = ['@kora/source', ...defaultServerConditions];

export default defineConfig({
  ssr: { resolve: { conditions: source } },
  test: {
    reporters: ['default', './scripts/reporter.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'fixtures/**'],
    projects: [
      {
        extends: true,
        test: {
          name: 'pure',
          include: ['packages/*/src/**/*.test.ts', 'house/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', '**/*.db.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'db',
          include: ['packages/*/src/**/*.db.test.ts'],
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
