import { must } from '@sheetflow/core/assert'
import type { KeyJson, RowChange, RowJson } from '@sheetflow/core/message'
import type { Column } from '../state/column.ts'
import type { RunningSheet } from './program.ts'

/** What one step did to a sheet, as readers see it: sorted by key, each key once, only what differs in a published column. */
export function viewChanges(sheet: RunningSheet): RowChange[] {
  const { relation, bound } = sheet
  const published = columnsOf(sheet, bound.published)
  const keys = columnsOf(sheet, bound.key)
  const slots: number[] = []
  for (let i = 0; i < relation.changes.size; i++) {
    const slot = relation.changes.at(i)
    const was = relation.wasLive(slot)
    const is = relation.isLive(slot)
    if (was !== is || (is && published.some((column) => column.changed(slot)))) slots.push(slot)
  }
  return sorted(sheet, slots).map((slot): RowChange => {
    const was = relation.wasLive(slot)
    if (!relation.isLive(slot)) return ['d', rowBefore(keys, slot), null, rowBefore(published, slot)]
    if (!was) return ['c', rowNow(keys, slot), rowNow(published, slot), null]
    return ['u', rowNow(keys, slot), rowNow(published, slot), rowBefore(published, slot)]
  })
}

/** The whole sheet, as a new generation publishes it. */
export function viewRows(sheet: RunningSheet): RowChange[] {
  const { relation, bound } = sheet
  const published = columnsOf(sheet, bound.published)
  const keys = columnsOf(sheet, bound.key)
  const slots: number[] = []
  for (let slot = 0; slot < relation.size; slot++) if (relation.isLive(slot)) slots.push(slot)
  return sorted(sheet, slots).map((slot): RowChange => ['c', rowNow(keys, slot), rowNow(published, slot), null])
}

function sorted({ relation }: RunningSheet, slots: number[]): number[] {
  return slots.length < 2 ? slots : slots.sort((a, b) => relation.store.compareKeys(a, b))
}

function columnsOf({ relation }: RunningSheet, indexes: readonly number[]): Column[] {
  return indexes.map((index) => must(relation.columns[index], 'a published column is kept'))
}

function rowNow(columns: readonly Column[], slot: number): RowJson & KeyJson {
  return columns.map((column) => column.json(slot))
}

function rowBefore(columns: readonly Column[], slot: number): RowJson & KeyJson {
  return columns.map((column) => column.jsonBefore(slot))
}
