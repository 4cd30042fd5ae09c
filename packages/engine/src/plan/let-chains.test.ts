import type { BoundGraph } from '@sheetflow/formula/bound'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { expect, it } from 'vitest'
import { describeProgram, evaluateSheets } from '../evaluate-sheets.ts'

const INT = { type: 'int' } as const
const NOW = '2026-11-26T10:00:00.000000Z'

function graphOf(columns: Readonly<Record<string, string>>): BoundGraph {
  return boundGraph({
    tables: {
      'shop!public.orders': { columns: { id: INT, total: INT } },
      'shop!public.steps': { columns: { n: INT, next: INT } },
    },
    sheets: { 's.orders': { rows: '=shop!orders', columns } },
  })
}

/** `LET(n0, first, n1, …, n60, …, result of n60)`: each name reads the one before it as often as `step` says. */
function chain(first: string, step: (before: string, i: number) => string, result: (last: string) => string, length = 60): string {
  const names = Array.from({ length }, (_, i) => `n${i + 1}_, ${step(`n${i}_`, i)}`)
  return `=LET(n0_, ${first}, ${names.join(', ')}, ${result(`n${length}_`)})`
}

/** The same graph, of whose formulas the nodes that are looked at are counted: beyond `most` it throws. */
function counted(graph: BoundGraph, most: number): { readonly graph: BoundGraph; readonly looks: () => number } {
  let looks = 0
  const known = new WeakMap<object, object>()
  const watch = (value: unknown): unknown => {
    // Values (decimals, errors, arrays of cells) are no nodes.
    if (typeof value !== 'object' || value === null) return value
    if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return value
    const watched = known.get(value) ?? new Proxy(value, { get: (target, name, self) => watch(look(target, name, self)) })
    known.set(value, watched)
    return watched
  }
  const look = (target: object, name: string | symbol, self: unknown): unknown => {
    if (name === 'kind' && ++looks > most) throw new Error(`more than ${most} looks at nodes`)
    return Reflect.get(target, name, self) as unknown
  }
  const sheets = graph.sheets.map((sheet) => ({ ...sheet, columns: watch(sheet.columns) as typeof sheet.columns }))
  return { graph: { ...graph, sheets }, looks: () => looks }
}

const LOOKED_UP = (last: string): string => `XLOOKUP(${last}, shop!steps[n], shop!steps[next], 0)`

/** Each doubles what the one before it is, and would stand in the last one 2^60 times. */
const CHAINS: Readonly<Record<string, (length: number) => string>> = {
  'a lookup at the end': (length) => chain('[@total]', (n, i) => `MOD(${n}+${n}, ${i + 7})`, LOOKED_UP, length),
  'a sum at the end': (length) =>
    chain(
      '[@total]',
      (n, i) => `MOD(${n}+${n}, ${i + 7})`,
      (last) => `SUMIFS(shop!steps[next], shop!steps[n], ${last})`,
      length,
    ),
  'a lookup in each': (length) =>
    chain(
      '[@total]',
      (n) => `${LOOKED_UP(n)}+MOD(${n}, 5)`,
      (last) => last,
      length,
    ),
  'a bound of a range in each': (length) =>
    chain(
      '[@total]',
      (n) => `COUNTIFS(shop!steps[n], ">="&${n}, shop!steps[next], "<"&${n})+${n}`,
      (last) => last,
      length,
    ),
}

it.each(Object.keys(CHAINS))('the planner looks at the nodes of a chain of names of LET, not at all that they stand for: %s', (name) => {
  const looksAt = (length: number): number => {
    const { graph, looks } = counted(graphOf({ x: CHAINS[name]?.(length) ?? '' }), 500_000)
    describeProgram(graph)
    return looks()
  }
  const [short, long] = [looksAt(15), looksAt(60)]
  expect(short).toBeGreaterThan(15)
  // What stands in a lookup is planned with the names that it reads: at worst each lookup of a chain with all those before it.
  expect(long).toBeLessThan(short * 4 * 4)
})

it('a lookup of names of LET finds what it finds when its formula is written out', () => {
  const graph = graphOf({
    names:
      '=LET(a, [@total]+1, b, MOD(a+a, 10), c, XLOOKUP(b*b, shop!steps[n], shop!steps[next], -1), d, c+a, XLOOKUP(d-d+c, shop!steps[n], shop!steps[next], -2))',
    plain:
      '=XLOOKUP(XLOOKUP(MOD([@total]+1+[@total]+1, 10)*MOD([@total]+1+[@total]+1, 10), shop!steps[n], shop!steps[next], -1), shop!steps[n], shop!steps[next], -2)',
    sums: '=LET(a, [@total]*3, b, a+a, SUMIFS(shop!steps[next], shop!steps[n], ">"&b-a, shop!steps[n], "<"&b*b))',
    lazy: '=LET(a, 1/([@total]-5), b, a*a, IF([@total]=5, -4, XLOOKUP(b, shop!steps[n], shop!steps[next], -3)))',
  })
  const given = {
    'shop!public.orders': [1, 2, 5, 6].map((id) => [id, id]),
    'shop!public.steps': [1, 2, 4, 9, 16, 36].map((n, i) => [n, [4, 9, 16, 1, 36, 2][i] ?? 0]),
  }
  const late = { changes: [{ table: 'shop!public.steps', rows: [['u', [16], [16, 9], null] as const] }] }
  const [first, second] = evaluateSheets(graph, given, [late], NOW)
  const shown = (rows: typeof first): unknown => rows?.['s.orders']?.map((row) => Object.values(row).slice(2))
  // Each row: what names, plain, sums and lazy give.
  expect(shown(first)).toEqual([
    [2, 2, 53, -3],
    [9, 9, 39, -3],
    [36, 36, 38, -4],
    [2, 2, 2, 4],
  ])
  expect(shown(second)).toEqual([
    [1, 1, 26, -3],
    [9, 9, 12, -3],
    [9, 9, 11, -4],
    [1, 1, 2, 4],
  ])
})

it('a formula with names of LET shares what it asks with one that is written out', () => {
  const nodes = (columns: Readonly<Record<string, string>>): unknown => describeProgram(graphOf(columns)).find(({ kind }) => kind === 'map')
  const plain = LOOKED_UP('([@total]+1)*([@total]+1)')
  const twice = nodes({ a: `=${plain}`, b: `=${plain}` })
  expect(nodes({ a: `=LET(x, [@total]+1, ${LOOKED_UP('x*x')})`, b: `=${plain}` })).toEqual(twice)
  expect(nodes({ a: `=LET(x, [@total]+2, ${LOOKED_UP('x*x')})`, b: `=${plain}` })).not.toEqual(twice)
})
