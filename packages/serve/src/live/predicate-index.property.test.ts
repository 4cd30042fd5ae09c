import { fc } from '@sheetflow/testkit/fast-check'
import { expect, test } from 'vitest'
import type { RowJson } from '@sheetflow/core/message'
import { canonical } from '@sheetflow/core/predicate-canonical'
import { compileRowPredicate } from '@sheetflow/core/predicate-eval'
import type { Predicate } from '@sheetflow/core/predicate'
import type { ColumnSchema, TableSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import { runs } from '@sheetflow/testkit/runs'
import { EqualityColumn } from './equality-column.ts'
import { IntervalSet } from './interval-set.ts'
import { AFTER, BEFORE, PredicateIndex } from './predicate-index.ts'

/** Few values per type, so that they meet; the nasty ones among them. */
const COLUMNS: readonly (readonly [ColumnSchema, readonly JsonValue[]])[] = [
  [column(1, 'id', { type: 'int' }), [0, 1, 2, -3, 9_007_199_254_740_991]],
  [column(2, 'big', { type: 'bigint' }), ['0', '7', '9007199254740993', '9007199254740992', '-9007199254740993']],
  [
    column(3, 'dec', { type: 'decimal' }),
    ['1', '1.5', '1.0000000000000000001', '-2', '100000000000000000000.1', '100000000000000000000.2'],
  ],
  [column(4, 'scaled', { type: 'decimal', p: 12, s: 2 }), ['9.50', '0.00', '-0.10', '10.00']],
  [column(5, 'dbl', { type: 'double' }), [0, 0.1, -1.5, 1e300]],
  [column(6, 'txt', { type: 'text' }), ['', 'a', 'ab', 'b', '\u{1F600}', '\uFFFF', '\uE000x', '\u{1F600}z', 'é']],
  [column(7, 'flag', { type: 'bool' }), [true, false]],
  [column(8, 'day', { type: 'date' }), ['0001-01-01', '2026-11-23', '9999-12-31']],
  [
    column(9, 'moment', { type: 'timestamptz' }),
    ['2026-11-23T10:00:00.000000Z', '2026-11-23T10:00:00.000001Z', '1969-12-31T23:59:59.999999Z'],
  ],
  [column(10, 'span', { type: 'interval' }), ['P1M', 'P30D', 'PT1S']],
]

function column(id: number, name: string, type: Record<string, unknown>): ColumnSchema {
  return { id, name, null: true, ...type } as ColumnSchema
}

const SCHEMA: TableSchema = { v: 1, table: 't.x', schema: 1, hash: '', key: ['id'], columns: COLUMNS.map(([c]) => c) }

const cell = (values: readonly JsonValue[]): fc.Arbitrary<JsonValue> => {
  const special: readonly JsonValue[] = [null, { e: '#N/A' }, { b: 'a'.repeat(64), n: 300_000 }]
  return fc.oneof({ arbitrary: fc.constantFrom(...values), weight: 5 }, { arbitrary: fc.constantFrom(...special), weight: 1 })
}

const row: fc.Arbitrary<RowJson> = fc.tuple(...COLUMNS.map(([, values]) => cell(values)))

const leaf: fc.Arbitrary<Predicate> = fc.constantFrom(...COLUMNS).chain(([{ name, type }, values]) => {
  const value = fc.constantFrom(...values)
  const comparison = fc.record({ op: fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge'), column: fc.constant(name), value })
  const others: fc.Arbitrary<Predicate>[] = [
    fc.record({ op: fc.constant('in'), column: fc.constant(name), values: fc.array(value, { maxLength: 3 }) }),
    fc.record({ op: fc.constant('between'), column: fc.constant(name), low: value, high: value }),
    fc.constant({ op: 'blank', column: name }),
  ]
  if (type === 'text') others.push(value.map((prefix): Predicate => ({ op: 'prefix', column: name, value: String(prefix as string) })))
  return fc.oneof(comparison as fc.Arbitrary<Predicate>, ...others)
})

const { predicate } = fc.letrec<{ predicate: Predicate }>((tie) => ({
  predicate: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.record({ op: fc.constantFrom('and', 'or'), of: fc.array(tie('predicate'), { maxLength: 3 }) }) as fc.Arbitrary<Predicate>,
    fc.record({ op: fc.constant('not'), of: tie('predicate') }) as fc.Arbitrary<Predicate>,
  ),
}))

test('the index finds exactly what testing every predicate finds, also after some are gone', () => {
  fc.assert(
    fc.property(
      fc.array(predicate, { maxLength: 40 }),
      fc.array(fc.tuple(fc.option(row), fc.option(row)), { maxLength: 30 }),
      (predicates, changes) => {
        const index = new PredicateIndex<number>(SCHEMA)
        const tests = predicates.map((p) => compileRowPredicate(p, SCHEMA))
        for (const [i, p] of predicates.entries()) index.add(i, canonical(p))
        const check = (isThere: (i: number) => boolean): void => {
          for (const [before, after] of changes) {
            const found = new Map<number, number>()
            index.match(before, after, (i, sides) => {
              expect(found.has(i)).toBe(false)
              found.set(i, sides)
            })
            for (const [i, holds] of tests.entries()) {
              const sides = (before !== null && holds(before) ? BEFORE : 0) | (after !== null && holds(after) ? AFTER : 0)
              expect([i, found.get(i) ?? 0]).toEqual([i, isThere(i) ? sides : 0])
            }
          }
        }
        check(() => true)
        for (let i = 0; i < predicates.length; i += 2) index.remove(i)
        check((i) => i % 2 === 1)
        for (let i = 1; i < predicates.length; i += 2) index.remove(i)
        expect([index.size, index.residualSize]).toEqual([0, 0])
      },
    ),
    { numRuns: runs(300, 5_000) },
  )
})

test('intervals: the same as looking at each of them', () => {
  const interval = fc.record({
    low: fc.integer({ min: -50, max: 50 }),
    length: fc.option(fc.integer({ min: 0, max: 20 })),
    drop: fc.boolean(),
  })
  fc.assert(
    fc.property(
      fc.array(interval, { maxLength: 2_000, minLength: 500, size: 'max' }),
      fc.array(fc.integer({ min: -60, max: 80 }), { maxLength: 20 }),
      (intervals, points) => {
        const set = new IntervalSet<number>()
        for (const [i, { low, length }] of intervals.entries()) set.insert(low, length === null ? null : low + length, i)
        for (const [i, { low, drop }] of intervals.entries()) if (drop) set.remove(low, i)
        expect(set.size).toBe(intervals.filter(({ drop }) => !drop).length)
        for (const point of points) {
          const found: number[] = []
          set.stab(point, (i) => found.push(i))
          const wanted = intervals.flatMap(({ low, length, drop }, i) =>
            !drop && low <= point && (length === null || low + length >= point) ? [i] : [],
          )
          expect(found.toSorted((a, b) => a - b)).toEqual(wanted)
        }
      },
    ),
    { numRuns: runs(50, 1_000) },
  )
})

test('a value that leads to one predicate by two ways is forgotten with it', () => {
  const column = new EqualityColumn<object>({ type: 'int' }, 0)
  const item = {}
  for (const _ of [1, 2]) column.add(7, item)
  for (const _ of [1, 2]) column.remove(7, item)
  expect(column.size).toBe(0)
})
