import { defineConfig } from 'vitest/config';

/**
 * unit: seconds, no process, no network. integration: spawns the built command line, backends, drills. browser: the pages in the system's
 * Chromium, skipped where there is none. kafka: whatever
 * needs a broker, in folders of that name; one broker for all, found or started by test/kafka/global-setup.ts.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/marble/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/drills/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          exclude: ['**/kafka/**'],
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'kafka',
          include: ['test/integration/kafka/**/*.test.ts', 'test/drills/kafka/**/*.test.ts'],
          globalSetup: 'test/kafka/global-setup.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 }, // alone: brokers take what two cores give
        },
      },
    ],
  },
});
