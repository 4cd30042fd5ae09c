import type { BoundGraph, BoundSheet, RelationId } from '@sheetflow/formula/bound'
import type { StoreRelation } from '../operators/store-relation.ts'
import { relationsRead } from './relations-read.ts'
import type { IndexPart, SheetPart } from '../program/parts.ts'
import type { UsedColumns } from './used-columns.ts'

/** What there is to take over: the parts of the program before. */
export interface OldParts {
  readonly keys: ReadonlyMap<RelationId, string>
  readonly stores: ReadonlyMap<RelationId, StoreRelation>
  readonly sheets: ReadonlyMap<RelationId, SheetPart>
  readonly indexes: readonly IndexPart[]
}

/** The new program, as far as it is known before anything is planned. */
export interface NewProgram {
  readonly graph: BoundGraph
  readonly keys: ReadonlyMap<RelationId, string>
  readonly stores: ReadonlyMap<RelationId, StoreRelation>
  readonly used: UsedColumns | undefined
}

export interface KeptParts {
  readonly sheets: ReadonlyMap<RelationId, SheetPart>
  /** Indexes whose rows, keys and criteria are the same, by key: also for sheets that are planned anew. */
  readonly indexes: ReadonlyMap<string, IndexPart>
}

export const NOTHING_KEPT: KeptParts = { sheets: new Map(), indexes: new Map() }

/**
 * Which parts of a program the one after it goes on with, filled as they are: sheets that compute the same (`SheetHashes.programs`) of tables, sheets and indexes that all
 * are the same. What reads anything that is not kept is not kept.
 */
export function keptParts(old: OldParts, next: NewProgram): KeptParts {
  const sheets = new Map<RelationId, SheetPart>()
  for (const bound of next.graph.sheets) {
    const part = old.sheets.get(bound.view)
    if (part !== undefined && part.key === next.keys.get(bound.view) && holdsUsed(part, bound, next.used)) sheets.set(bound.view, part)
  }
  const isKept = (id: RelationId): boolean => sheets.has(id) || isSameTable(id, old, next)
  const isUsable = ({ on, maker }: IndexPart): boolean => isKept(on) && (maker === null || sheets.has(maker))
  const goes = (bound: BoundSheet): boolean => {
    const part = sheets.get(bound.view)
    if (part === undefined) return false
    return !relationsRead(bound).every((id) => id === bound.view || isKept(id)) || ![...part.asked.keys()].every(isUsable)
  }
  // An index that is not kept takes its callers with it, and those their readers, which may have made another index.
  for (let going = next.graph.sheets.filter(goes); going.length > 0; going = next.graph.sheets.filter(goes)) {
    for (const { view } of going) sheets.delete(view)
  }
  return { sheets, indexes: new Map(old.indexes.filter(isUsable).map((index) => [index.key, index])) }
}

/** The same rows, and columns of the same number in the same place: one that is read again after nobody read it is another column. */
function isSameTable(id: RelationId, old: OldParts, next: NewProgram): boolean {
  const [was, is] = [old.stores.get(id), next.stores.get(id)]
  if (was === undefined || is === undefined || was.store !== is.store || old.keys.get(id) !== next.keys.get(id)) return false
  return was.columns.every((column, i) => column === undefined || is.columns[i] === undefined || column === is.columns[i])
}

/**
 * Rows that are made of others have those columns that somebody read when they were made: all that are read now must be among them, and no other, since what
 * it is copied from is gone.
 */
function holdsUsed({ relation, derived }: SheetPart, { columns, view }: BoundSheet, used: UsedColumns | undefined): boolean {
  if (derived.length === 0) return true
  const isUsed = (i: number): boolean => used === undefined || used.get(view)?.has(i) === true
  return columns.every(({ formula }, i) => formula !== undefined || (relation.columns[i] !== undefined) === isUsed(i))
}
