import { NASTY_COLUMNS, arbitraryCell, arbitraryPredicate, arbitraryRow, arbitraryShare } from '@sheetflow/testkit/arbitrary'
import { NASTY, NASTY_ERRORS, nastyOrder, nastyType } from '@sheetflow/testkit/nasty'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, test } from 'vitest'
import { compareValues } from './compare.ts'
import { fromJson } from './json-codec.ts'
import { isJsonError } from './json-special.ts'
import { stableJson } from './json-text.ts'
import { and, canonical } from './predicate-canonical.ts'
import { bindClaims } from './predicate-claims.ts'
import { compileRowPredicate } from './predicate-eval.ts'
import { ALWAYS, NEVER } from './predicate.ts'
import type { Predicate } from './predicate.ts'
import type { JsonValue } from './value.ts'

const schema = { columns: NASTY_COLUMNS }
const OFTEN = { numRuns: runs(1_000, 10_000) }

/** The meaning of a predicate, written down once more as naively as possible: over values, with `not` by De Morgan. */
function holds(p: Predicate, row: readonly JsonValue[], negated = false): boolean {
  if (p.op === 'not') return holds(p.of, row, !negated)
  if (p.op === 'and') return p.of.map((operand) => holds(operand, row, negated)).includes(negated) === negated
  if (p.op === 'or') return p.of.map((operand) => holds(operand, row, negated)).includes(!negated) !== negated
  return leafOf(p as Leaf, row, negated)
}

function leafOf(p: Leaf, row: readonly JsonValue[], negated: boolean): boolean {
  const index = NASTY.findIndex(({ name }) => name === p.column)
  const json = row[index] as JsonValue
  if (isJsonError(json)) return false
  const { type } = NASTY[index] as (typeof NASTY)[number]
  const order = (constant: JsonValue): number => compareValues(fromJson(type, json), fromJson(type, constant))
  return leafHolds(p, json, order) !== negated
}

type Leaf = Exclude<Predicate, { readonly of: unknown }>

function leafHolds(p: Leaf, json: JsonValue, order: (constant: JsonValue) => number): boolean {
  switch (p.op) {
    case 'eq':
      return order(p.value) === 0
    case 'ne':
      return order(p.value) !== 0
    case 'lt':
      return order(p.value) < 0
    case 'le':
      return order(p.value) <= 0
    case 'gt':
      return order(p.value) > 0
    case 'ge':
      return order(p.value) >= 0
    case 'between':
      return order(p.low) >= 0 && order(p.high) <= 0
    case 'in':
      return p.values.some((value) => order(value) === 0)
    case 'prefix':
      return typeof json === 'string' && json.startsWith(p.value)
    case 'blank':
      return json === null
  }
}

/** The operands of junctions and the values of `in` in another order, some twice, nested once more. */
function shuffled(p: Predicate, random: () => number): Predicate {
  const mix = <T>(items: readonly T[]): T[] => [...items, ...items.slice(0, Math.floor(random() * 2))].sort(() => random() - 0.5)
  switch (p.op) {
    case 'and':
    case 'or': {
      const of = mix(p.of).map((operand) => shuffled(operand, random))
      return random() < 0.3 ? { op: p.op, of: [{ op: p.op, of }] } : { op: p.op, of }
    }
    case 'not':
      return random() < 0.3
        ? { op: 'not', of: { op: 'not', of: { op: 'not', of: shuffled(p.of, random) } } }
        : { op: 'not', of: shuffled(p.of, random) }
    case 'in':
      return { ...p, values: mix(p.values) }
    default:
      return p
  }
}

describe('predicates', () => {
  test('mean compiled what they mean when computed naively', () => {
    fc.assert(
      fc.property(arbitraryPredicate(), arbitraryRow(), (p, row) => {
        expect(compileRowPredicate(p, schema)(row)).toBe(holds(p, row))
      }),
      OFTEN,
    )
  })

  test('canonical means the same, also for Blank and errors', () => {
    fc.assert(
      fc.property(arbitraryPredicate(), fc.array(arbitraryRow(), { minLength: 4, maxLength: 4 }), (p, rows) => {
        const before = compileRowPredicate(p, schema)
        const after = compileRowPredicate(canonical(p), schema)
        for (const row of rows) expect(after(row)).toBe(before(row))
      }),
      OFTEN,
    )
  })

  test('canonical is idempotent, closed and without Blank constants', () => {
    fc.assert(
      fc.property(arbitraryPredicate(), (p) => {
        const once = canonical(p)
        expect(canonical(once)).toEqual(once)
        expect(flaws(once)).toEqual([])
        expect(keyOf(p)).toBe(JSON.stringify(JSON.parse(keyOf(p))))
      }),
      OFTEN,
    )
  })

  test('shuffled, doubled and nested operands are one text', () => {
    fc.assert(
      fc.property(arbitraryPredicate(), fc.infiniteStream(arbitraryShare()), (p, chance) => {
        expect(keyOf(shuffled(p, () => chance.next().value ?? 0))).toBe(keyOf(p))
      }),
      OFTEN,
    )
  })

  test('a cell error satisfies no leaf and no negated leaf', () => {
    const leaf = arbitraryPredicate().filter((p) => p.op !== 'and' && p.op !== 'or' && p.op !== 'not')
    fc.assert(
      fc.property(leaf, fc.constantFrom(...NASTY_ERRORS.flat()), (p, error) => {
        const row = NASTY_COLUMNS.map(() => error)
        expect(compileRowPredicate(p, schema)(row)).toBe(false)
        expect(compileRowPredicate({ op: 'not', of: p }, schema)(row)).toBe(false)
      }),
    )
  })

  test('of every leaf and its negation exactly one holds for what is no error', () => {
    const cell = fc.constantFrom(...NASTY).chain((nasty) => fc.tuple(fc.constant(nasty), arbitraryPredicate([nasty]), arbitraryCell(nasty)))
    fc.assert(
      fc.property(cell, ([nasty, p, json]) => {
        fc.pre(!isJsonError(json))
        const test = (predicate: Predicate): boolean =>
          compileRowPredicate(predicate, { columns: [{ name: nasty.name, ...nasty.type }] })([json])
        expect(test(p)).toBe(!test({ op: 'not', of: p }))
      }),
      OFTEN,
    )
  })
})

describe('canonical', () => {
  const eq = (column: string, value: JsonValue): Predicate => ({ op: 'eq', column, value })

  test.each<[string, Predicate, Predicate]>([
    ['one operand is unwrapped', { op: 'and', of: [{ op: 'or', of: [eq('a', 1)] }] }, eq('a', 1)],
    ['NEVER absorbs', { op: 'and', of: [eq('a', 1), NEVER] }, NEVER],
    ['ALWAYS absorbs', { op: 'or', of: [eq('a', 1), ALWAYS] }, ALWAYS],
    ['ALWAYS vanishes', { op: 'and', of: [eq('a', 1), ALWAYS] }, eq('a', 1)],
    ['not ALWAYS', { op: 'not', of: ALWAYS }, NEVER],
    ['in of nothing', { op: 'in', column: 'a', values: [] }, NEVER],
    ['in of one', { op: 'in', column: 'a', values: [1, 1] }, eq('a', 1)],
    ['in is sorted', { op: 'in', column: 'a', values: ['b', 'a', 'b'] }, { op: 'in', column: 'a', values: ['a', 'b'] }],
    [
      'not in stays',
      { op: 'not', of: { op: 'in', column: 'a', values: [2, 1] } },
      { op: 'not', of: { op: 'in', column: 'a', values: [1, 2] } },
    ],
    ['not eq', { op: 'not', of: eq('a', 1) }, { op: 'ne', column: 'a', value: 1 }],
    ['eq Blank', eq('a', null), { op: 'blank', column: 'a' }],
    ['lt Blank', { op: 'lt', column: 'a', value: null }, NEVER],
    [
      'not between',
      { op: 'not', of: { op: 'between', column: 'a', low: 1, high: 2 } },
      {
        op: 'or',
        of: [
          { op: 'gt', column: 'a', value: 2 },
          { op: 'lt', column: 'a', value: 1 },
        ],
      },
    ],
  ])('%s', (_, p, expected) => {
    expect(canonical(p)).toEqual(expected)
  })

  test('and', () => {
    expect(and(eq('b', 1), and(eq('a', 1)), ALWAYS)).toEqual({ op: 'and', of: [eq('a', 1), eq('b', 1)] })
    expect(and()).toEqual(ALWAYS)
  })
})

describe('bindClaims', () => {
  const columns = [
    { name: 'tenant', type: 'bigint' },
    { name: 'public', type: 'bool' },
    { name: 'level', type: 'int' },
  ] as const
  const tenant = { op: 'eq', column: 'tenant', value: { claim: 'tenant' } } as const

  test('puts the claim in as a constant of its column’s type', () => {
    const expected = { op: 'eq', column: 'tenant', value: '7' }
    expect(bindClaims(tenant, { tenant: 7 }, columns)).toEqual(expected)
    expect(bindClaims(tenant, { tenant: '7' }, columns)).toEqual(expected)
  })

  test.each([
    {},
    { tenant: null },
    { tenant: 'x' },
    { tenant: 1.5 },
    { tenant: [7] },
    { tenant: { a: 1 } },
    { tenant: true },
    { tenant: '' },
  ])('a claim that is missing or does not fit admits nothing: %j', (claims) => {
    expect(bindClaims(tenant, claims, columns)).toEqual(NEVER)
    expect(bindClaims({ op: 'not', of: tenant }, claims, columns)).toEqual(NEVER)
    expect(bindClaims({ op: 'or', of: [{ op: 'eq', column: 'public', value: true }, tenant] }, claims, columns)).toEqual(NEVER)
  })

  test('a claim is not looked up in the prototype', () => {
    expect(bindClaims({ op: 'ne', column: 'level', value: { claim: 'constructor' } }, {}, columns)).toEqual(NEVER)
  })
})

test('between and prefix on texts go by code point', () => {
  const { type } = nastyType('text')
  const order = nastyOrder(nastyType('text')).flat()
  const low = '\uFFFF'
  const test = compileRowPredicate({ op: 'gt', column: 't', value: low }, { columns: [{ name: 't', ...type }] })
  expect(order.filter((json) => typeof json === 'string' && test([json]))).toEqual([
    '\u{10000}',
    '\u{1F468}\u200D\u{1F469}',
    '\u{1F600}',
    '\u{1F600}a',
    '\u{10FFFF}',
  ])
})

/** The text under which equal predicates meet. */
function keyOf(p: Predicate): string {
  return stableJson(canonical(p))
}

/** What is not as the canonical form must be. */
function flaws(p: Predicate, above: Predicate['op'] | null = null): string[] {
  switch (p.op) {
    case 'and':
    case 'or': {
      if (p.of.length === 0) return above === null ? [] : ['empty inside']
      const own = p.of.length === 1 || above === p.op || above === 'not' ? [`${p.op} of ${p.of.length} below ${above}`] : []
      const texts = p.of.map(keyOf)
      const sorted = texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      return [
        ...own,
        ...(texts.join() === sorted.join() && new Set(texts).size === texts.length ? [] : ['unsorted']),
        ...p.of.flatMap((o) => flaws(o, p.op)),
      ]
    }
    case 'not':
      return ['in', 'prefix', 'blank'].includes(p.of.op) ? flaws(p.of, 'not') : [`not ${p.of.op}`]
    case 'in':
      return p.values.length > 1 && !p.values.includes(null) ? [] : ['in']
    case 'between':
      return p.low === null || p.high === null ? ['Blank'] : []
    case 'prefix':
    case 'blank':
      return []
    default:
      return p.value === null ? ['Blank'] : []
  }
}
