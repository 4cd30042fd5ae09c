import type { CommitBody, KeyJson, MessageHead } from './message.ts'

/** What became of a dead letter. `gone`: nothing reads its table any more. */
export type DeadLetterState = 'open' | 'healed' | 'dropped' | 'gone'

/**
 * Something of an input that could not be read and was set aside (ADR 025), or a formula that failed inside (ADR 026). Small, and safe to print but for its key: the message itself stands on
 * the bus at `offset`, its cells are nowhere here.
 */
export interface DeadLetter {
  /** `<source>-<offset>`, with `-<row>` where one row of a message is meant; `inbox-<offset>` of the graph's inbox; `<workbook>.<sheet>.<column>` of a formula. Unique among the open ones of its graph. */
  readonly id: string
  readonly state: DeadLetterState
  /** Null: of the graph's own inbox, or of a formula. */
  readonly source: string | null
  /** `public.orders`; the sheet of a formula; null: of the graph's own inbox. */
  readonly table: string | null
  /** Null: not known, so every row of the table may be meant. Of a formula: the row in which it failed first. */
  readonly key: KeyJson | null
  /** The column of which the cell does not fit its type, or the formula failed; null: the whole row, or the whole message; what says which rows a sheet has. */
  readonly column: string | null
  readonly stream: string
  /** Of the message that was met last. */
  readonly offset: number
  readonly code: string
  /** Why, without any content of the row. */
  readonly reason: string
  readonly stack: string | null
  /** How often this was met: a row that comes again from its source no better counts again. */
  readonly times: number
  /** How often the source is to be asked for it. */
  readonly asks: number
  /** The run of the table in which it was met: a later one brings what is right. */
  readonly run: number
  /** ISO time of the step in which it was met first. */
  readonly at: string
  /** ISO time of the step in which it was closed; null: it is open. */
  readonly closedAt: string | null
}

/** All letters of a graph that are open, and those that were closed last. */
export interface DeadLetters {
  /** In the order in which they were met. */
  readonly open: readonly DeadLetter[]
  /** The last one closed comes last. */
  readonly closed: readonly DeadLetter[]
  /** How many there ever were. */
  readonly total: number
}

/** Control message of a graph on `_ctl.letters`, in the output transaction that changed them. The last one tells how they stand. */
export type LettersControl = MessageHead & { readonly kind: 'letters'; readonly commit?: CommitBody } & DeadLetters
