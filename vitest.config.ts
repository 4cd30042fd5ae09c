import { availableParallelism } from 'node:os'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { SUITES, testFiles } from './scripts/suites.ts'
import { LongestFirst } from './scripts/test-order.ts'

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
    // Node runs our TypeScript itself, as it does outside of tests: modules that Vite transforms read every import through a getter.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    sequence: { sequencer: LongestFirst },
    // As many as there are cores: vitest leaves one free, which on two cores is half of them.
    maxWorkers: availableParallelism() + (waits(process.env['SHEETFLOW_SUITE']) ? 1 : 0),
    // Worker threads and processes that a test starts resolve the workspace packages to their source, as the test itself does.
    execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
    testTimeout: LONG ? 30 * MINUTE_MS : 5 * MINUTE_MS,
    hookTimeout: 5 * MINUTE_MS,
    teardownTimeout: MINUTE_MS,
    expect: { poll: { timeout: MINUTE_MS, interval: 20 } },
    passWithNoTests: true,
    restoreMocks: true,
  },
})

function waits(name: string | undefined): boolean {
  return SUITES.some((suite) => suite.name === name && suite.kind === 'tests' && suite.waits === true)
}

export default config
