import type { RelationId } from '@sheetflow/formula/bound'
import type { CallIndex } from '../operators/call-index.ts'
import type { CallNode } from '../operators/call-node.ts'
import type { DerivedRows } from '../operators/derived-rows.ts'
import type { Operator } from '../operators/relation.ts'
import type { RowMap } from '../operators/row-map.ts'
import type { StoreRelation } from '../operators/store-relation.ts'
import type { IndexPart, SharedText } from '../program/parts.ts'
import type { ZoneClock } from '../program/step-clock.ts'

/** A sheet that is being planned: what becomes a `SheetPart`. */
export interface Draft {
  readonly view: RelationId
  readonly operators: Operator[]
  readonly maps: RowMap[]
  readonly derived: DerivedRows[]
  readonly asked: Map<IndexPart, Set<string>>
  readonly called: Map<CallIndex, Set<string>>
  readonly calls: CallNode[]
  readonly clocks: Set<ZoneClock>
  readonly shared: SharedText[]
  rows: StoreRelation | null
  /** The formula that is planned. */
  asking: string
}

export function newDraft(view: RelationId): Draft {
  return {
    view,
    operators: [],
    maps: [],
    derived: [],
    asked: new Map(),
    called: new Map(),
    calls: [],
    clocks: new Set(),
    shared: [],
    rows: null,
    asking: `rows of ${view}`,
  }
}
