import { isSheetflowError } from '@sheetflow/core/errors'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { ViewChanges, ViewStore } from '@sheetflow/core/ports/view-store'
import type { SheetSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import { fc } from '../fast-check.ts'
import { expect } from 'vitest'
import { NASTY, NASTY_ERRORS, nastyValues } from '../nasty.ts'
import { created, deleted, filled, rows, sheet, STREAM, transaction, updated, VIEW } from './view-store-lab.ts'
import type { Columns } from './view-store-lab.ts'

/** A view with a column of each type, what may happen to it, and what it then holds. */

/** A big value. */
export const WIDE: JsonValue = { b: 'ab'.repeat(32), n: 300_000 }
export const TRUNCATE: RowChange = ['t', null, null, null]

const COLUMNS: Columns = { id: 'int', ...Object.fromEntries(NASTY.map(({ name, type }) => [name, type])) }
/** The key first. */
export const NAMES: readonly string[] = Object.keys(COLUMNS)

/** A sheet with a column of each nasty type, named after it. */
export function everyType(generation: number): SheetSchema {
  return sheet(VIEW, generation, COLUMNS, { index: NAMES.slice(1, 4) })
}

/** A row with the first of its values in each column: no Blank, no error. */
export function plainRow(id: number): RowJson {
  return [id, ...NASTY.map((nasty) => nastyValues(nasty)[0] ?? null)]
}

/** Those columns of the rows, as an answer shows them. */
export function objects(all: readonly RowJson[], names: readonly string[] = NAMES): Record<string, JsonValue>[] {
  return all.map((row) => Object.fromEntries(names.map((name) => [name, row[NAMES.indexOf(name)] ?? null])))
}

/** Of a generation that there never is: makes a transaction impossible, and so all that are applied with it. */
export const IMPOSSIBLE: ViewChanges = rows(0, [created([1])])

/** It fails because of `IMPOSSIBLE`. */
export async function refused(work: Promise<void>): Promise<void> {
  const code = await work.then(
    () => 'none',
    (error: unknown) => (isSheetflowError(error) ? error.code : error),
  )
  expect(code).toBe('store/unknown')
}

/** What one transaction does; `lost` ones are refused for something that follows. */
export interface Step {
  readonly lost: boolean
  readonly changes: readonly (
    | { readonly op: 'put' | 'set'; readonly id: number; readonly cells: readonly (readonly [column: number, value: JsonValue])[] }
    | { readonly op: 'delete'; readonly id: number }
    | { readonly op: 'truncate' }
  )[]
}

/** A few changes, some with Blank, an error or a big value in them. */
export function arbitraryStep(): fc.Arbitrary<Step> {
  const id = fc.nat({ max: 4 })
  const special = fc.constantFrom<JsonValue>(WIDE, ...NASTY_ERRORS.flat())
  const cell = fc.nat({ max: NASTY.length - 1 }).chain((i) => {
    const nasty = NASTY[i]
    const plain = fc.constantFrom<JsonValue>(...(nasty === undefined ? [null] : nastyValues(nasty)))
    return fc.tuple(
      fc.constant(i + 1),
      fc.oneof({ weight: 6, arbitrary: plain }, { weight: 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: special }),
    )
  })
  const cells = fc.array(cell, { maxLength: 4 })
  return fc.record({
    lost: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    changes: fc.array(
      fc.oneof(
        { weight: 4, arbitrary: fc.record({ op: fc.constantFrom('put' as const, 'set' as const), id, cells }) },
        { weight: 1, arbitrary: fc.record({ op: fc.constant('delete' as const), id }) },
        { weight: 1, arbitrary: fc.record({ op: fc.constant('truncate' as const) }) },
      ),
      { maxLength: 4 },
    ),
  })
}

/** A view, and the rows that it ought to have. */
export class Book {
  readonly #store: ViewStore
  #rows: ReadonlyMap<number, RowJson> = new Map()
  #offset = 0
  generation = 0

  constructor(store: ViewStore) {
    this.#store = store
  }

  content(): readonly RowJson[] {
    return [...this.#rows.values()].toSorted((a, b) => Number(a[0]) - Number(b[0]))
  }

  async refill(all: readonly RowJson[]): Promise<void> {
    this.generation += 1
    await this.#store.ensure(everyType(this.generation))
    await this.#store.apply(STREAM, [transaction(++this.#offset, [filled(this.generation, all)])])
    while (await this.#store.tidy());
    this.#rows = new Map(all.map((row) => [Number(row[0]), row]))
  }

  async step({ lost, changes }: Step): Promise<void> {
    const after = new Map(this.#rows)
    const made: RowChange[] = []
    for (const change of changes) {
      if (change.op === 'truncate') {
        after.clear()
        made.push(TRUNCATE)
        continue
      }
      const before = after.get(change.id)
      if (change.op === 'delete') {
        if (before !== undefined) made.push(deleted(before))
        after.delete(change.id)
        continue
      }
      let row = before ?? plainRow(change.id)
      for (const [column, value] of change.cells) row = row.with(column, value)
      made.push(before !== undefined && change.op === 'set' ? updated(before, row) : created(row))
      after.set(change.id, row)
    }
    const work = this.#store.apply(STREAM, [
      transaction(this.#offset + 1, [rows(this.generation, made)]),
      ...(lost ? [transaction(this.#offset + 2, [IMPOSSIBLE])] : []),
    ])
    if (lost) return refused(work)
    await work
    this.#offset += 1
    this.#rows = after
  }
}
