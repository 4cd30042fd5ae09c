/**
 * The one table of who may import whom (ARCHITECTURE.md: imports go to the centre). `scripts/layers/` checks it, and every other rule named here.
 *
 * - `imports`: the packages that its code may import. Its tests may import the `testkit` as well.
 * - `runs`: what its code may use besides the language:
 *   `anywhere` = no Node, no page, no clock, no timers, no chance: the same input gives the same output on every machine;
 *   `page` = no Node and no clock; a page's own interfaces and timers are there;
 *   `node` = everything.
 * - `coded`: every error it throws carries a code (`SheetflowError`), or is an assertion of core.
 */

const PUBLISHED = ['core', 'source', 'bus', 'formula', 'workbook', 'engine', 'store', 'serve', 'command', 'plugin', 'client', 'widgets']

export const LAYERS = {
  'packages/core': { imports: [], runs: 'anywhere', coded: true },
  'packages/source': { imports: ['core'], runs: 'node', coded: true },
  'packages/bus': { imports: ['core'], runs: 'node', coded: true },
  'packages/formula': { imports: ['core'], runs: 'anywhere', coded: true },
  'packages/workbook': { imports: ['core', 'formula'], runs: 'anywhere', coded: true },
  'packages/engine': { imports: ['core', 'formula'], runs: 'anywhere', coded: true },
  'packages/store': { imports: ['core'], runs: 'node', coded: true },
  'packages/serve': { imports: ['core'], runs: 'node', coded: true },
  'packages/command': { imports: ['core'], runs: 'node', coded: true },
  'packages/plugin': { imports: ['core'], runs: 'node', coded: true },
  'packages/client': { imports: ['core'], runs: 'page', coded: true },
  'packages/widgets': { imports: ['core', 'client'], runs: 'page', coded: true },
  // The torture test is one of its clients, and reads the bus; what it checks otherwise it may not import.
  'packages/testkit': { imports: ['core', 'formula', 'bus', 'client', 'command'], runs: 'node', coded: false },
  'apps/sheetflow': { imports: PUBLISHED, runs: 'node', coded: true },
  'examples/shop': { imports: [...PUBLISHED, 'sheetflow', 'testkit'], runs: 'node', coded: false },
  bench: { imports: [...PUBLISHED, 'sheetflow', 'testkit'], runs: 'node', coded: false },
  // The reference of functions is made from their definitions.
  scripts: { imports: ['core', 'formula', 'workbook'], runs: 'node', coded: false },
}

/** Lines. A longer file says why in a comment at its head, a longer function in the line above it: `// over: reason`. */
export const SIZES = {
  file: 400,
  testFile: 800,
  function: 80,
}
