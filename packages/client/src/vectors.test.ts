import { readdirSync, readFileSync } from 'node:fs'
import type { KeyColumn, Publication, SortColumn } from '@sheetflow/core/wire'
import type { JsonValue } from '@sheetflow/core/value'
import { describe, expect, test } from 'vitest'
import { readPath } from './answer/live-path.ts'
import { NEXT_STATE, type PageEvent, type PaintState } from './page/page-state.ts'
import { Reader } from './reader.ts'
import { LiveList } from './rows/live-list.ts'
import { OrderedRows } from './rows/ordered-rows.ts'
import { RowTable } from './rows/row-table.ts'

/** The cases that clients in other languages run too. */
function cases<T>(name: string): T[] {
  const text = readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly cases: T[] }).cases
}

type RowCase = readonly [key: readonly JsonValue[], cells: Readonly<Record<string, JsonValue>>]

interface ListCase {
  readonly name: string
  readonly answer: { readonly at: number; readonly rows: readonly RowCase[] }
  readonly steps: readonly {
    readonly publication: Publication
    readonly lost?: true
    readonly at?: number
    readonly missing?: readonly string[]
    readonly rows?: Readonly<Record<string, Readonly<Record<string, JsonValue>>>>
  }[]
}

interface OrderCase {
  readonly name: string
  readonly order: readonly SortColumn[]
  readonly key: readonly KeyColumn[]
  readonly rows: readonly RowCase[]
  readonly ids: readonly string[]
}

type TokenCase = Readonly<Record<string, JsonValue>> | string | null

interface ReaderCase {
  readonly name: string
  readonly userClaim?: string
  readonly before: TokenCase
  readonly after: TokenCase
  readonly samePerson: boolean
  readonly sameReader: boolean
}

function tokenOf(claims: TokenCase): string | null {
  return typeof claims !== 'object' || claims === null ? claims : `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`
}

function listOf({ at, rows }: ListCase['answer']): LiveList {
  const list = new LiveList(new RowTable(), 'space')
  list.replace(
    rows.map(([key, cells]) => ({ key, cells })),
    at,
  )
  return list
}

function rowsOf(list: LiveList): Record<string, Record<string, JsonValue>> {
  return Object.fromEntries(
    [...list.members].map(([id, row]) => [id, Object.fromEntries([...row.cells].map(([column, cell]) => [column, cell.value]))]),
  )
}

test('every file of vectors is run', () => {
  expect(readdirSync(new URL('../vectors', import.meta.url)).toSorted()).toEqual([
    'lists.json',
    'order.json',
    'paths.json',
    'readers.json',
    'states.json',
  ])
})

test.each(cases<ListCase>('lists'))('list: $name', ({ answer, steps }) => {
  const list = listOf(answer)
  for (const { publication, lost, at, missing, rows } of steps) {
    expect(list.apply(publication)).toBe(lost === true ? 'reset' : 'changed')
    if (lost === true) continue
    expect({ at: list.at, rows: rowsOf(list), missing: [...list.incomplete].map((row) => row.id) }).toEqual({
      at,
      rows,
      missing: missing ?? [],
    })
  }
})

test.each(cases<OrderCase>('order'))('order: $name', ({ order, key, rows, ids }) => {
  const list = listOf({ at: 1, rows })
  expect(new OrderedRows(list, { order, key }).rows().map((row) => row.key[0])).toEqual(ids)
})

test.each(cases<{ readonly path: string; readonly same: string }>('paths'))('path: $path', ({ path, same }) => {
  expect(readPath(path)).toBe(same)
})

test.each(cases<ReaderCase>('readers'))('reader: $name', async ({ userClaim, before, after, samePerson, sameReader }) => {
  const tokens = [before, after].map(tokenOf)
  const reader = new Reader('server', () => tokens.shift() ?? null, userClaim === undefined ? {} : { userClaim })
  let changes = 0
  reader.onChange(() => (changes += 1))
  const names = [await reader.name(), await reader.name()]
  expect({ samePerson: changes === 0, sameReader: names[0] === names[1] }).toEqual({ samePerson, sameReader })
})

describe('states', () => {
  test('the table and the vectors are the same, and total', () => {
    const told = cases<{ readonly state: PaintState; readonly event: PageEvent; readonly next: PaintState }>('states')
    const known = Object.entries(NEXT_STATE).flatMap(([state, row]) => Object.entries(row).map(([event, next]) => ({ state, event, next })))
    expect(told).toEqual(known)
  })

  test('the table in SPEC.md is the same', () => {
    const spec = readFileSync(new URL('../SPEC.md', import.meta.url), 'utf8')
    for (const [state, row] of Object.entries(NEXT_STATE)) expect(spec).toContain(`| \`${state}\` | ${Object.values(row).join(' | ')} |`)
  })
})
