import { must } from '@sheetflow/core/assert'
import type { KeyJson, RowJson } from '@sheetflow/core/message'
import type { BoundSheet } from '@sheetflow/formula/bound'
import type { Running } from '../graph/running.ts'
import type { RunningSheet } from '../program/program.ts'
import type { Column } from '../state/column.ts'
import { cellChanges, sameJson } from './cell-change.ts'
import type { CellChange } from './cell-change.ts'

/** A row that is not the same in both. */
export interface RowDifference {
  readonly kind: 'appears' | 'changes' | 'vanishes'
  readonly key: KeyJson
  readonly cells: readonly CellChange[]
}

/** How the rows of one sheet differ between two deployments over the same tables. */
export interface SheetDifference {
  readonly before: number
  readonly after: number
  readonly appear: number
  readonly change: number
  readonly vanish: number
  /** Rows that are in both and equal in all columns that both have. */
  readonly same: number
  /** The first rows of each kind, by key; no more than asked for. */
  readonly examples: readonly RowDifference[]
}

/** The sheets of a deployment beside those of another one. */
export interface ProgramDifference {
  /** By view. A sheet whose keys are of another kind has none of its rows in common with what it was. */
  readonly sheets: ReadonlyMap<string, SheetDifference>
  /** Sheets that mean the same as before, with all that they read: readers go on undisturbed. */
  readonly untouched: ReadonlySet<string>
}

/**
 * Compares what two deployments of one graph (`old` null: there was none) make of the same rows, between two steps. Counts are exact; of each kind the first `examples` rows
 * are shown with their cells. Memory is that of the rows that differ, a number each.
 */
export function comparePrograms(old: Running | null, next: Running, examples: number): ProgramDifference {
  const views = new Set([...(old?.graph.sheets ?? []), ...next.graph.sheets].map(({ view }) => view))
  const sheets = new Map<string, SheetDifference>()
  const untouched = new Set<string>()
  for (const view of views) {
    const was = old?.program.sheets.get(view)
    const is = next.program.sheets.get(view)
    const means = was !== undefined && is !== undefined && old?.hashes.get(view) === next.hashes.get(view)
    if (means && old?.sharesTables(next, view) === true) untouched.add(view)
    else sheets.set(view, compareSheets(was ?? null, is ?? null, examples))
  }
  return { sheets, untouched }
}

function compareSheets(was: RunningSheet | null, is: RunningSheet | null, examples: number): SheetDifference {
  const paired = was !== null && is !== null && sameKeys(was.bound, is.bound) ? { was, is } : null
  const gone: number[] = []
  const changed: number[] = []
  let before = 0
  let same = 0
  const common = paired === null ? [] : commonColumns(paired.was, paired.is)
  for (const slot of liveSlots(was)) {
    before += 1
    const other = paired === null ? -1 : liveAt(paired.is, must(was).relation.store.keyJson(slot))
    if (other < 0) gone.push(slot)
    else if (common.every(([a, b]) => sameJson(a.json(slot), b.json(other)))) same += 1
    else changed.push(slot)
  }
  const came: number[] = []
  let after = 0
  for (const slot of liveSlots(is)) {
    after += 1
    if (paired === null || liveAt(paired.was, must(is).relation.store.keyJson(slot)) < 0) came.push(slot)
  }
  const shown = [
    ...firstRows(is, came, examples).map(([key, row]) => difference('appears', key, null, row)),
    ...firstRows(was, changed, examples).map(([key, row]) => difference('changes', key, row, rowAt(must(is), liveAt(must(is), key)))),
    ...firstRows(was, gone, examples).map(([key, row]) => difference('vanishes', key, row, null)),
  ]
  return { before, after, appear: came.length, change: changed.length, vanish: gone.length, same, examples: shown }
}

interface Named {
  readonly columns: readonly string[]
  readonly row: RowJson
}

function difference(kind: RowDifference['kind'], key: KeyJson, before: Named | null, after: Named | null): RowDifference {
  const cells = cellChanges(before, after)
  // Columns that only one side has are told once for the sheet, not for each row.
  return { kind, key, cells: kind === 'changes' ? cells.filter((cell) => 'before' in cell && 'after' in cell) : cells }
}

function* liveSlots(sheet: RunningSheet | null): Generator<number> {
  if (sheet === null) return
  for (let slot = 0; slot < sheet.relation.size; slot++) if (sheet.relation.isLive(slot)) yield slot
}

function liveAt({ relation }: RunningSheet, key: KeyJson): number {
  const slot = relation.store.find(key)
  return slot >= 0 && relation.isLive(slot) ? slot : -1
}

function firstRows(sheet: RunningSheet | null, slots: readonly number[], count: number): readonly (readonly [KeyJson, Named])[] {
  if (sheet === null || slots.length === 0) return []
  const { store } = sheet.relation
  return slots
    .toSorted((a, b) => store.compareKeys(a, b))
    .slice(0, count)
    .map((slot) => [store.keyJson(slot), rowAt(sheet, slot)])
}

/** The cells that a reader or another sheet may see: columns that nothing uses are not kept. */
function rowAt(sheet: RunningSheet, slot: number): Named {
  const columns = keptColumns(sheet)
  return { columns: [...columns.keys()], row: [...columns.values()].map((column) => column.json(slot)) }
}

function commonColumns(was: RunningSheet, is: RunningSheet): readonly (readonly [Column, Column])[] {
  const others = keptColumns(is)
  return [...keptColumns(was)].flatMap(([name, column]) => {
    const other = others.get(name)
    return other === undefined ? [] : [[column, other] as const]
  })
}

/** By name. A computed column may be called as one of the rows that is not passed on: then it is the one that is meant. */
function keptColumns({ relation, bound }: RunningSheet): ReadonlyMap<string, Column> {
  const columns = new Map<string, Column>()
  for (const [i, { name, formula }] of bound.columns.entries()) {
    const column = relation.columns[i]
    if (column !== undefined && (formula !== undefined || !columns.has(name))) columns.set(name, column)
  }
  return columns
}

/** May a key of one be a key of the other? */
function sameKeys(a: BoundSheet, b: BoundSheet): boolean {
  const types = ({ key, columns }: BoundSheet): string =>
    JSON.stringify(key.map((index) => [columns[index]?.name, columns[index]?.type.type]))
  return types(a) === types(b)
}
