/** What the client knows of one field of a page's query: enough to read its answer, to follow it live and to ask parts of it again. */
export interface FieldPlan {
  /** The name in the answer: alias, or the field's own. */
  readonly as: string
  /** The field's own name: `open_orders`, `customers_by_pk`, `open`. */
  readonly name: string
  readonly columns: readonly ColumnPlan[]
  readonly nested: readonly FieldPlan[]
  /** The field as text, with what the client added to the selection; its nested fields included. */
  readonly text: string
  /** Its selection set alone, as text: a single row is asked with the same one. */
  readonly selection: string
  /** Variables that `text` uses. */
  readonly variables: readonly string[]
  /** Variables that `selection` uses. */
  readonly selectionVariables: readonly string[]
  /** Asked by the client for itself: not shown. */
  readonly hidden: boolean
}

/** One column of a selection. */
export interface ColumnPlan {
  readonly as: string
  readonly column: string
  /** Shown as text, cell errors too: `field(as: TEXT)`. It is asked without, so that all lists share one value. */
  readonly asText: boolean
  /** Added by the client (ordering): not shown. */
  readonly hidden: boolean
}

/** A page's query, ready to be sent and followed. */
export interface PagePlan {
  readonly roots: readonly FieldPlan[]
  readonly variables: Readonly<Record<string, unknown>>
  /** Definitions of the query's variables as text, by name. */
  readonly definitions: Readonly<Record<string, string>>
}
