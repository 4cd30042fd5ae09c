import type { Predicate } from '@sheetflow/core/predicate'
import type { NestedPlan, OrderTerm, QueryPlan, SearchPlan } from '@sheetflow/core/query-plan'
import type { ColumnSchema } from '@sheetflow/core/schema'
import type { WindowDescription } from '@sheetflow/core/wire'
import type { Rights } from '../live/subscription-tokens.ts'
import type { ViewType } from './view-type.ts'

/** What one root field of a request became. */
export type LoweredRoot =
  | { readonly kind: 'typename'; readonly responseKey: string; readonly name: string }
  | ({ readonly kind: 'list' | 'object'; readonly responseKey: string } & LoweredList)
  | {
      readonly kind: 'search'
      readonly responseKey: string
      readonly type: ViewType
      readonly plan: SearchPlan
      readonly shape: RowShape
    }

/** A list of rows, at the root or nested. */
export interface LoweredList {
  readonly type: ViewType
  readonly plan: QueryPlan
  readonly shape: RowShape
  /** More rows than this are an error (`query/too-many-rows`); null = the limit was the reader's own. */
  readonly maxRows: number | null
  /** What is needed to follow it; null = static. */
  readonly live: LoweredLive | null
}

/** The live feed of a list, but for the parent's key where it is nested. */
export interface LoweredLive {
  /** `where` and the reader's rights, canonical. */
  readonly predicate: Predicate
  readonly rights: Rights
  /** Ids of the selected columns, sorted. */
  readonly columns: readonly number[]
  readonly window: WindowDescription | null
}

/** How a row of the store's JSON becomes a row of the answer. */
export interface RowShape {
  /** The store's text is the answer's, as it stands: nothing is renamed, added or left out. */
  readonly direct: boolean
  readonly order: readonly OrderTerm[]
  /** What its cursors are places in. */
  readonly list: string
  readonly fields: readonly ShapeField[]
}

/** One field of a row of the answer. */
export type ShapeField =
  | { readonly kind: 'column'; readonly key: string; readonly column: ColumnSchema; readonly asText: boolean }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'cursor'; readonly key: string }
  | { readonly kind: 'typename'; readonly key: string; readonly name: string }
  | { readonly kind: 'list'; readonly key: string; readonly as: string; readonly on: NestedPlan['on']; readonly list: LoweredList }
