import type { KeyJson, ViewStatus } from './message.ts'
import type { Predicate } from './predicate.ts'
import type { OrderTerm } from './query-plan.ts'
import type { ColumnType } from './type.ts'
import type { JsonValue } from './value.ts'

/** What a server and its clients say to each other about live lists (FORMATS 8). Types only. */

/** One entry of `extensions.live`: what a client needs to follow the list at that path. */
export interface LiveExtension {
  readonly channel: string
  /** A Centrifugo subscription JWT that carries the `ChannelDescription`. */
  readonly token: string
  /** `<graph epoch>.<view generation>`: history may be joined only within one. */
  readonly epoch: string
  /** Where the channel is recovered from: our gateway's is `at`, a Centrifugo has offsets of its own. */
  readonly offset: number
  /** The rows of the answer are as of this offset of the graph's stream. */
  readonly at: number
  /** `workbook.sheet`: lists of one view share their rows. */
  readonly view: string
  /** Lists of one graph are painted together. */
  readonly graph: string
  /** The `order_by` columns (by view column name) with their types, so that a client places rows as the server does; ties by key. */
  readonly order: readonly SortColumn[]
  /** The key's columns with their types. */
  readonly key: readonly KeyColumn[]
}

/** One column of a view's key. */
export type KeyColumn = ColumnType & { readonly column: string }

/** One term of a list's order. */
export type SortColumn = ColumnType & OrderTerm

/** One entry of `extensions.state`. */
export type ViewState = { readonly status: ViewStatus | 'static' } | { readonly status: 'loading'; readonly progress: number }

/** Columns of one row by name, in JSON form. */
export type RecordJson = Readonly<Record<string, JsonValue>>

/** One change in a publication: `c` with all columns of the channel, `u` with the changed ones, `d` with none. */
export type LiveRow =
  | readonly [op: 'c', key: KeyJson, row: RecordJson]
  | readonly [op: 'u', key: KeyJson, changed: RecordJson]
  | readonly [op: 'd', key: KeyJson, none: null]

/**
 * What is published on a channel, one per channel and transaction. `o` is the offset of the commit. `reset` without rows: ask the root field
 * again, at a random moment within `spread` milliseconds (absent: 2,000), since everybody is told at once; `reset` with rows: they replace the whole list (opening, recovery and refill of a window). `status`: how the view stands from this
 * offset on, told when it changes and to whoever may not know (ADR 011); absent: as before.
 */
export interface Publication {
  readonly o: number
  readonly reset?: true
  readonly spread?: number
  readonly status?: ViewStatus
  readonly rows?: readonly LiveRow[]
}

/** The part of a channel that makes it a window: the first `limit` rows of that order. */
export interface WindowDescription {
  readonly order: readonly OrderTerm[]
  readonly limit: number
}

/** What a channel is: all that the gateway needs to know, signed into the token. Equal descriptions are one channel. */
export interface ChannelDescription {
  /** `workbook.sheet` */
  readonly view: string
  readonly generation: number
  /** Canonical; claims put in as constants. */
  readonly predicate: Predicate
  /** Column ids (`ColumnSchema.id`), sorted. */
  readonly columns: readonly number[]
  readonly window?: WindowDescription
}
