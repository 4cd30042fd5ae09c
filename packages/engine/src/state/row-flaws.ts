import type { ErrorCode } from '@sheetflow/core/errors'
import { isUnchanged } from '@sheetflow/core/json-special'
import type { KeyJson, RowChange } from '@sheetflow/core/message'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'
import type { DecodePlan } from './decode-plan.ts'
import { makeLane } from './make-lane.ts'
import { Pool } from './pool.ts'

/** What is wrong with one row of a message (ADR 025). */
export interface RowFlaw {
  /** Place of the row in its message. */
  readonly index: number
  /** Null: it cannot be told which row is meant. */
  readonly key: KeyJson | null
  /** The column of which the cell does not fit; its row was taken in with `#VALUE!` there. Null: the row was not taken in. */
  readonly column: string | null
  readonly code: ErrorCode
  /** Without any content of the row. */
  readonly reason: string
}

/** What is wrong with rows that cannot be taken in, by their place in the message. */
export type Flaws = ReadonlyMap<number, RowFlaw>

/** Rows that cannot be taken in; null, as nearly always: none. */
export function findFlaws(plan: DecodePlan, rows: readonly RowChange[]): Flaws | null {
  let flaws: Map<number, RowFlaw> | null = null
  for (let index = 0; index < rows.length; index++) {
    const flaw = flawOf(plan, rows[index] as RowChange, index)
    if (flaw === null) continue
    flaws ??= new Map()
    flaws.set(index, flaw)
  }
  return flaws
}

/** Cells that became `#VALUE!` because they do not fit their columns: the first one of each row. */
export function misfits(plan: DecodePlan, rows: readonly RowChange[], left: Flaws | null): readonly RowFlaw[] {
  const found: RowFlaw[] = []
  for (const [index, [, key, after]] of rows.entries()) {
    if (after === null || left?.has(index) === true) continue
    const place = plan.places.find(({ kept, index: at }) => at >= 0 && isMisfit(kept.type, after[at] ?? null))
    if (place === undefined) continue
    const { name, type } = place.kept
    found.push({ index, key, column: name, code: 'core/bad-value', reason: `the cell of ${name} is no ${type.type}` })
  }
  return found
}

function flawOf(plan: DecodePlan, [op, key, after]: RowChange, index: number): RowFlaw | null {
  if (op === 't') return null
  if (key === null || !plan.isKey(key)) return bad(index, null, 'its key is no key of the table')
  if (op === 'd') return null
  if (after === null || after.length !== plan.width) return bad(index, key, 'it has not as many cells as the table has columns')
  for (let i = 0; i < plan.keyAt.length; i++) {
    const [cell, part] = [after[plan.keyAt[i] as number], key[i]]
    if (cell !== part && (typeof cell !== 'object' || cell === null)) return bad(index, null, 'its key is another than its cells say')
  }
  return null
}

function bad(index: number, key: KeyJson | null, reason: string): RowFlaw {
  return { index, key, column: null, code: 'core/bad-message', reason }
}

function isMisfit(type: ColumnType, json: JsonValue): boolean {
  if (isUnchanged(json)) return false
  const pool = new Pool()
  const lane = makeLane(type, pool)
  lane.grow(1)
  lane.setJson(0, json)
  return pool.misfits > 0
}
