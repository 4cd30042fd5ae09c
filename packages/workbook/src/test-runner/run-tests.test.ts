import { describe, expect, it } from 'vitest'
import { plainEvaluate } from '../testing/plain-evaluate.ts'
import { SALES, TABLES } from '../testing/shop.ts'
import type { Evaluate } from './evaluate.ts'
import { runTests } from './run-tests.ts'

function run(tests: string, evaluate: Evaluate = plainEvaluate): string[] {
  const sheet = `rows: =FILTER(shop!orders, shop!orders[total]>5)\nkeep: [status, total]\ncolumns:\n  twice: =[@total]*2\n  bad: =1/[@customer_id]\n  age: =TODAY()-DATE(2026,11,1)\ntests:\n${tests}`
  const { results, diagnostics } = runTests({ 'w/s.sheet.yaml': sheet }, TABLES, evaluate)
  return [...diagnostics, ...results.flatMap((one) => one.failures)].map((one) => `${one.line}:${one.column} ${one.message}`)
}

describe('the tests of a sheet', () => {
  it('of FORMATS 7 hold', () => {
    const { results, diagnostics } = runTests(SALES, TABLES, plainEvaluate)
    expect(diagnostics).toEqual([])
    expect(results).toEqual([
      {
        view: 'sales.open_orders',
        test: 'a late customer fills the name in',
        file: 'sales/open_orders.sheet.yaml',
        passed: true,
        failures: [],
      },
    ])
  })

  it('insert, update, delete and truncate, step by step and as one batch', () => {
    expect(
      run(`  - given: {shop!orders: [{id: 1, total: 9.50, status: no}, {id: 2, total: 1, status: x}]}
    now: 2026-11-23
    expect: [{id: 1, twice: 19, bad: "#DIV/0!", status: no, age: 22}]
    steps:
      - then: [{insert: {shop!orders: [{id: 3, total: 6}, {id: 4, total: 7}]}}, {update: {shop!orders: {id: 2, total: 10}}}]
        expect: [{id: 4}, {id: 3}, {id: 2, status: x, total: 10.00}, {id: 1}]
      - then: [{delete: {shop!orders: {id: 1}}}]
        now: 2026-11-24
        expect: [{id: 2, age: 23}, {id: 3, age: 23}, {id: 4, age: 23}]
      - then: [{truncate: [shop!orders]}, {insert: {shop!orders: {id: 9, total: 8, status: ~}}}]
        expect: [{id: 9, status: , total: 8}]
`),
    ).toEqual([])
  })

  it('say what differs, at the expectation', () => {
    expect(
      run(`  - name: sums
    given: {shop!orders: [{id: 1, total: 9.50}, {id: 2, total: 8}]}
    expect:
      - {id: 1, twice: 20}
      - {id: 3, twice: 1}
`),
    ).toEqual(['11:7 "sums" after the given rows:\n  ~ id: 1, twice: expected 20, is 19\n  - id: 3, twice: 1\n  + id: 2, twice: 16'])
  })

  it('compare on the columns that are written, over all rows', () => {
    expect(run('  - given: {shop!orders: [{id: 1, total: 9}]}\n    expect: []\n')).toEqual([
      '9:13 "test 1" after the given rows:\n  + id: 1, status: Blank, total: 9.00, twice: 18, bad: #DIV/0!, age: 22',
    ])
    expect(run('  - given: {}\n    expect: [{nope: 1}]\n')).toEqual([
      '9:13 "test 1" after the given rows:\n  the sheet has no column "nope"',
    ])
  })

  it('find a difference that only a batch shows', () => {
    const forgetful: Evaluate = (graph, given, steps, now) =>
      plainEvaluate(
        graph,
        given,
        steps.map((step) => ({ ...step, changes: step.changes.slice(0, 1) })),
        now,
      )
    expect(
      run(
        `  - given: {shop!orders: []}
    steps:
      - then: [{insert: {shop!orders: {id: 1, total: 9}}}]
      - then: [{insert: {shop!orders: {id: 2, total: 9}}}]
        expect: [{id: 1}, {id: 2}]
`,
        forgetful,
      ),
    ).toEqual(['12:17 "test 1" with all changes at once:\n  - id: 2'])
  })

  it('are not run if the files do not compile', () => {
    expect(runTests({ 'w/s.sheet.yaml': 'rows: =nope\n' }, TABLES, plainEvaluate)).toMatchObject({
      results: [],
      diagnostics: [{ code: 'formula/unknown-name' }],
    })
  })

  it.each([
    [
      '  - given: {shop!orders: [{id: 1}]}\n    steps: [{then: [{insert: {shop!orders: {id: 1}}}]}]\n',
      'shop!orders has a row with this key already',
    ],
    ['  - steps: [{then: [{update: {shop!orders: {id: 1}}}]}]\n', 'shop!orders has no row with this key'],
    ['  - steps: [{then: [{delete: {shop!orders: {id: 1}}}]}]\n', 'shop!orders has no row with this key'],
    ['  - given: {shop!orders: [{id: 1}]}\n', 'this test compares nothing'],
    ['  - given: {shop!orders: [{id: 1}]}\n    steps: [{then: [{delete: {shop!orders: {id: 1}}}]}]\n', 'this test compares nothing'],
    ['  - given: {shop!orders: [{id: 1}]}\n    expect:\n', '"expect" takes a list of rows'],
    ['  - given: {shop!orders: foo}\n    expect: []\n', 'the rows of shop!orders are a list'],
    ['  - given: {shop!orders: }\n    expect: []\n', 'the rows of shop!orders are a list'],
    ['  - given: {shop!orders: [foo]}\n    expect: []\n', 'takes entries "name: …"'],
    ['  - given: {shop!orders: [{id: 1}, {id: 1}]}\n    expect: []\n', 'shop!orders has a row with this key already'],
    ['  - given: {shop!orders: []}\n    expect: [foo]\n', 'takes entries "name: …"'],
    ['  - steps: [{then: [{insert: {shop!orders: foo}}], expect: []}]\n', '"insert" takes rows of shop!orders'],
    ['  - steps: [{then: [{replace: {shop!orders: {id: 1}}}]}]\n', '"replace" is not known here'],
  ])('%j cannot be run', (tests, message) => {
    expect(run(tests)[0]).toContain(message)
  })
})
