import { availableParallelism } from 'node:os'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { testFiles } from './scripts/suites.ts'

const LONG = process.env['SHEETFLOW_FULL'] === '1'

const MINUTE_MS = 60_000

/**
 * One configuration for every suite. Which files a suite runs is said by their suffix (`x.live.test.ts`, `x.e2e.test.ts`, …) and decided in
 * `scripts/suites.ts`; run directly, vitest takes every test under the paths it is given.
 *
 * Deadlines are generous on purpose: a test fails because something is wrong, never because the machine is busy.
 */
const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    ...testFiles(process.env['SHEETFLOW_SUITE']),
    environment: 'node',
    pool: 'forks',
    // As many as there are cores: vitest leaves one free, which on two cores is half of them, and tests wait more than they compute.
    maxWorkers: availableParallelism(),
    // Worker threads and processes that a test starts resolve the workspace packages to their source, as the test itself does.
    execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
    testTimeout: LONG ? 30 * MINUTE_MS : 2 * MINUTE_MS,
    hookTimeout: 2 * MINUTE_MS,
    teardownTimeout: MINUTE_MS,
    passWithNoTests: true,
    restoreMocks: true,
  },
})

export default config
