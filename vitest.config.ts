import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{server,sdk,openapi,plugins,test}/**/*.test.ts'],
    // One PostgreSQL serves the whole run; each test file makes its own database on it.
    globalSetup: './test/global-setup.ts',
    // The server changes process-wide state (signals, environment): one process per test file.
    pool: 'forks',
    // Half the time is spent waiting for PostgreSQL; the default leaves one processor of two idle.
    maxWorkers: Math.max(2, availableParallelism()),
    // Generous, as they only bound a hang: no test asserts a duration.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    slowTestThreshold: 10_000,
  },
});
