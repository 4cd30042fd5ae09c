/**
 * What `npm test` runs, in this order: quick checks first, real servers and a browser last. A suite of tests is chosen by the suffix of its files
 * (`x.live.test.ts`), a check by the commands it runs. The budgets add up to less than the twelve minutes that a full run may take.
 */

/** Commands that must all end with 0. They run at the same time, and print when one fails. */
export interface Check {
  readonly kind: 'check'
  readonly name: string
  readonly what: string
  readonly budgetSeconds: number
  /** True if it runs while the suite before it does. */
  readonly beside?: true
  /** A program of `node_modules/.bin`, or a script of the repository, and its arguments. */
  readonly commands: readonly (readonly string[])[]
}

/** Test files run by vitest. */
export interface Tests {
  readonly kind: 'tests'
  readonly name: string
  readonly what: string
  readonly budgetSeconds: number
  /** Of the long forms (`npm run test:full`); absent: they take no longer. */
  readonly longBudgetSeconds?: number
  /** The word before `.test.ts`; without one, all files that no other suite claims. */
  readonly suffix?: string
  /** True if the tests drive a real browser. */
  readonly browser?: boolean
  /** True if they wait more than they compute (servers that start, leases that run out): one more at a time than there are cores. */
  readonly waits?: boolean
}

export type Suite = Check | Tests

/** A busy machine may take several budgets; after this time a suite hangs and is ended. */
export function hangsAfterMs(budgetSeconds: number): number {
  return Math.max(5 * budgetSeconds, 300) * 1000
}

export const SUITES: readonly Suite[] = [
  {
    kind: 'check',
    name: 'types',
    what: 'the compiler accepts everything; browser code also without Node',
    budgetSeconds: 20,
    commands: [
      ['tsc', '-p', 'tsconfig.json'],
      ['tsc', '-p', 'tsconfig.anywhere.json'],
      ['tsc', '-p', 'tsconfig.page.json'],
      ['tsc', '-p', 'examples/shop/tsconfig.json'],
    ],
  },
  { kind: 'check', name: 'lint', what: 'oxlint, with types', budgetSeconds: 20, beside: true, commands: [['oxlint', '--deny-warnings']] },
  {
    kind: 'check',
    name: 'layers',
    what: 'who imports whom, cycles, sizes, clocks, errors; licences; pages made from the code',
    budgetSeconds: 20,
    beside: true,
    commands: [['scripts/layers/main.ts'], ['scripts/dependencies/main.ts'], ['scripts/docs/main.ts', '--check']],
  },
  { kind: 'check', name: 'format', what: 'oxfmt', budgetSeconds: 20, beside: true, commands: [['oxfmt', '--check']] },
  {
    kind: 'check',
    name: 'unused',
    what: 'files, exports and dependencies that nobody uses',
    budgetSeconds: 20,
    beside: true,
    commands: [
      ['knip', '--no-progress', '--no-config-hints'],
      ['scripts/layers/main.ts', '--unused'],
    ],
  },
  { kind: 'tests', name: 'unit', what: 'units and properties', budgetSeconds: 215, longBudgetSeconds: 1500 },
  {
    kind: 'tests',
    name: 'kits',
    what: 'conformance of every driver to its port',
    budgetSeconds: 60,
    longBudgetSeconds: 300,
    suffix: 'kit',
    waits: true,
  },
  { kind: 'tests', name: 'live', what: 'real Postgres', budgetSeconds: 170, longBudgetSeconds: 1800, suffix: 'live', waits: true },
  {
    kind: 'tests',
    name: 'fault',
    what: 'kill -9, full disks, cut connections',
    budgetSeconds: 95,
    longBudgetSeconds: 2400,
    suffix: 'fault',
    waits: true,
  },
  { kind: 'tests', name: 'e2e', what: 'the whole ring in Chromium', budgetSeconds: 60, suffix: 'e2e', browser: true },
  {
    kind: 'check',
    name: 'torture',
    what: 'one minute of random writes and kills, checked from outside',
    budgetSeconds: 85,
    beside: true,
    commands: [['packages/testkit/src/torture/main.ts', '--minutes', '1', '--seed', '1']],
  },
]

/** Seconds that a suite may take: more than it took on a quiet machine of two cores. */
export function budgetOf(suite: Suite, full: boolean): number {
  return full && suite.kind === 'tests' ? (suite.longBudgetSeconds ?? suite.budgetSeconds) : suite.budgetSeconds
}

/** Suites in the order of `SUITES`, each with those that run beside it. */
export function stagesOf(suites: readonly Suite[]): readonly (readonly Suite[])[] {
  const stages: Suite[][] = []
  for (const suite of suites) {
    const last = stages.at(-1)
    if (last !== undefined && suite.kind === 'check' && suite.beside === true) last.push(suite)
    else stages.push([suite])
  }
  return stages
}

/** The folders that hold tests. */
export const FOLDERS: readonly string[] = ['packages/*/src', 'apps/*/src', 'apps/*/test', 'examples/*', 'bench', 'scripts']

/** The files of a suite of tests as globs from the repository's root; of all suites without one. */
export function testFiles(name: string | undefined): { include: string[]; exclude: string[] } {
  const suite = SUITES.find((one) => one.name === name && one.kind === 'tests')
  const suffix = suite?.kind === 'tests' ? suite.suffix : undefined
  const claimed = SUITES.flatMap((one) => (one.kind === 'tests' && one.suffix !== undefined ? [one.suffix] : []))
  return {
    include: FOLDERS.map((folder) => `${folder}/**/*.${suffix === undefined ? '' : `${suffix}.`}test.ts`),
    exclude: [
      '**/node_modules/**',
      '**/dist/**',
      ...(suite !== undefined && suffix === undefined ? claimed.map((one) => `**/*.${one}.test.ts`) : []),
    ],
  }
}
