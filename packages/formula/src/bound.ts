import type { ColumnType } from '@sheetflow/core/type'
import type { FunctionValueType, OnPending } from '@sheetflow/core/function-signature'
import type { Grid } from './value/grid.ts'
import type { SheetSchema, TableSchema } from '@sheetflow/core/schema'
import type { Value } from '@sheetflow/core/value'

/**
 * The bound graph: what `workbook` makes of a deployment's files and the engine runs. Names are resolved, types known, functions checked;
 * there is nothing left to look up and nothing that can fail but values. Pure data: it can be printed, compared and hashed.
 */
export interface BoundGraph {
  /** Source tables that some formula reads, with the schema that they were bound to. */
  readonly tables: readonly BoundTable[]
  /** Sheets in an order in which each stands behind all that it reads. */
  readonly sheets: readonly BoundSheet[]
  /** Time zone of the workbooks by name, for TODAY and the clock. */
  readonly timeZones: Readonly<Record<string, string>>
}

/** A source table. Its columns are addressed by their index in `schema.columns`. */
export interface BoundTable {
  readonly id: RelationId
  readonly source: string
  readonly schema: TableSchema
}

/** `source!schema.table` for tables, `workbook.sheet` for sheets. */
export type RelationId = string

/** One sheet: rows × columns. */
export interface BoundSheet {
  /** `workbook.sheet` */
  readonly view: RelationId
  readonly rows: BoundRows
  /**
   * All columns in one list: first the input's (same order and indexes as the relation that the rows come from), then the computed ones.
   * `Expr` of kind `column` in this sheet is an index into this list.
   */
  readonly columns: readonly BoundColumn[]
  /** Indexes of the key columns in `columns`. */
  readonly key: readonly number[]
  /** What readers see; indexes into `columns`, in the order of the published schema. Lists are not columns. */
  readonly published: readonly number[]
  /** The published schema without what the running graph adds. */
  readonly schema: Omit<SheetSchema, 'generation' | 'schema' | 'hash' | 'v'>
  /** What keeping it right costs: the dearest of its formulas. */
  readonly cost: CostClass
}

/** Where the rows of a sheet come from. Kinds grow with the language; the switch over them is exhaustive. */
export type BoundRows =
  /** All rows of a relation. */
  | { readonly kind: 'relation'; readonly relation: RelationId }
  /** Rows of a relation for which `where` is TRUE (an error or Blank admits nothing). Columns as the relation's. */
  | { readonly kind: 'filter'; readonly relation: RelationId; readonly where: Expr }
  /** Rows written in the sheet's file. */
  | { readonly kind: 'data'; readonly rows: readonly (readonly Value[])[] }
  /** The one row of a workbook's named values. */
  | { readonly kind: 'single' }
  /** Rows of a relation that are left after several steps, or after a choice of the first. Columns as the relation's. */
  | { readonly kind: 'chain'; readonly input: RowsInput }
  /**
   * UNIQUE and GROUPBY: one row for each group of rows that are equal in `columns` by `groupKey` (text case-folded, Blank is a group, a row with
   * an error there is in none). Columns: these, shown as in the group's row with the smallest key; they are the key.
   */
  | { readonly kind: 'distinct'; readonly input: RowsInput; readonly columns: readonly number[] }
  /** VSTACK: the rows of all parts. Columns: first `source`, the label of the part, then what the parts say. Key: `source`, then keys of parts. */
  | { readonly kind: 'stack'; readonly parts: readonly StackPart[] }
  /**
   * MERGE: every pair of a left and a right row that are equal in all pairs of `on` as lookups are (Blank and errors meet nothing); with
   * `keepsLeft` also each left row that has no partner, Blank on the right. Columns: first those of the left relation, then those of the right one.
   * Key: both keys.
   */
  | {
      readonly kind: 'merge'
      readonly left: RowsInput
      readonly right: RowsInput
      readonly on: readonly MergePair[]
      readonly keepsLeft: boolean
      readonly columns: { readonly left: readonly number[]; readonly right: readonly number[] }
    }

/** Columns by which MERGE pairs rows. `beside`: dates or times beside another type, whose cells have another form. */
export interface MergePair {
  readonly left: number
  readonly right: number
  readonly beside?: CalendarPair
}

/** The types of two such columns, and the zone in which moments in UTC are looked at (merge-key.ts). */
export interface CalendarPair {
  readonly left: ColumnType
  readonly right: ColumnType
  readonly zone: string
}

/** Rows of a relation after some steps, each over what the one before left. */
export interface RowsInput {
  readonly relation: RelationId
  readonly steps: readonly RowsStep[]
}

/** What leaves some rows out; both read the relation's columns. */
export type RowsStep =
  /** Rows for which `where` is TRUE stay. */
  | { readonly kind: 'filter'; readonly where: Expr }
  /** TAKE: the first `count` rows in that order stay, of a negative `count` the last. Ties go to the smaller key. `drops`, DROP: all others stay. */
  | { readonly kind: 'top'; readonly order: readonly OrderBy[]; readonly count: number; readonly drops?: true }

/** Excel's order of a column: numbers by value, text case-folded, errors behind values; Blank is last in both directions. */
export interface OrderBy {
  readonly column: number
  readonly descending: boolean
}

/**
 * One table of a stack. `columns`: for each column behind `source` that of the relation, null where it has none and the cell is Blank, or what is
 * gone and is `#REF!`.
 */
export interface StackPart {
  readonly input: RowsInput
  readonly label: string
  readonly columns: readonly (number | LostColumn | null)[]
}

/** A column that the source has dropped, by the name it had. */
export interface LostColumn {
  readonly lost: string
}

/** One column of a sheet. */
export interface BoundColumn {
  readonly name: string
  readonly id: number
  readonly type: ColumnType
  /** May it be Blank? */
  readonly nullable: boolean
  /** Absent for input columns. */
  readonly formula?: Expr
}

/**
 * Types inside of formulas: those of columns, and `any`, which no column has: a value whose form says what it is (a number of any kind, a text, a
 * boolean), such as a cell of an array of different things. Dates among them are their serial numbers.
 */
export type FormulaType = ColumnType | { readonly type: 'any' }

/**
 * The static type of an expression. `null` type: always Blank (or always an error). `array`: it is a `Grid`, of which `type` and `nullable` are those of each
 * cell. `omitted`: an argument for which nothing is written (`F(a,,b)`), which is Blank; functions with a default of their own take that.
 */
export interface ExprType {
  readonly type: FormulaType | null
  readonly nullable: boolean
  readonly array?: true
  readonly omitted?: true
  /** A decimal on its way through a chain of arithmetic: it may have more than 15 digits yet, and only who reads it as such meets it (value/unrounded.ts). */
  readonly unrounded?: true
}

/**
 * A typed expression over one row. `column` reads the row at hand (in a `filter`'s `where`: the input's columns, which are the first of the
 * sheet's). Functions are named by their canonical Excel name; operators are functions too: `+ - * / ^ & % = <> < <= > >= neg`.
 * Laziness (IF, IFS, IFERROR, IFNA, AND, OR) is part of the function's definition, not of the tree.
 */
export type Expr =
  /** `origin`: what it was computed from, where that has more digits than were kept. */
  | ({ readonly kind: 'const'; readonly value: Value; readonly origin?: Expr } & ExprType)
  /** An array constant. */
  | ({ readonly kind: 'grid'; readonly grid: Grid; readonly origin?: Expr } & ExprType)
  | ({ readonly kind: 'column'; readonly column: number } & ExprType)
  /** Whole columns of a relation as an array, its rows in the order of the key. */
  | ({ readonly kind: 'columns'; readonly relation: RelationId; readonly columns: readonly number[] } & ExprType)
  /**
   * MAP, REDUCE, SCAN, BYROW, BYCOL, MAKEARRAY: `body` is run again and again, the `local` nodes of `slots` set to the LAMBDA's arguments each time.
   * `inputs`: the types of those.
   */
  | ({
      readonly kind: 'over'
      readonly fn: string
      readonly args: readonly Expr[]
      readonly slots: readonly number[]
      readonly inputs: readonly ExprType[]
      readonly body: Expr
    } & ExprType)
  | ({ readonly kind: 'call'; readonly fn: string; readonly args: readonly Expr[] } & ExprType)
  /** LET: `value` is computed once and read by `local` nodes of that slot. Slots are unique in one formula. LAMBDAs are inlined. */
  | ({ readonly kind: 'let'; readonly slot: number; readonly value: Expr; readonly body: Expr } & ExprType)
  | ({ readonly kind: 'local'; readonly slot: number } & ExprType)
  /**
   * XLOOKUP: the `result` column of the row of `relation` whose `key` column equals `search` (Excel's lookup equality: text case-folded,
   * numbers by value, "1" ≠ 1; Blank never matches; of several the one with the smallest primary key); else `missing`, else `#N/A`.
   * `mode` −1: where none is equal the next smaller key of the same kind, 1: the next larger one; 2: a search with `*`, `?` or `~` finds the rows whose
   * text fits it (`lookupPattern`), any other as in mode 0.
   */
  | ({
      readonly kind: 'lookup'
      readonly relation: RelationId
      readonly key: number
      readonly search: Expr
      readonly result: number
      /** Type of the result column; the node's own type also holds `missing`. */
      readonly found: ColumnType
      readonly missing: Expr | null
      readonly mode: LookupMode
    } & ExprType)
  /**
   * SUMIFS family and whole-column aggregates (no criteria). `column` is null for `count-rows`. Its value is in the form of the node's type.
   * Of no values: `sum`, the counts, and `min`/`max` of numbers 0 (`nullable` false), `min`/`max` of anything else Blank (`nullable` true),
   * `average` `#DIV/0!`. An error in a row that counts is the result, the one in the row with the smallest key if there are several;
   * `count` and `counta` do not care for errors in values (`counta` counts them).
   * `args`: what else the function takes, values of the row at hand (`k` of LARGE; number and order of RANK); functions/statistical/ranks.ts says which.
   */
  | ({
      readonly kind: 'aggregate'
      readonly fn: AggregateFunction
      readonly relation: RelationId
      readonly column: number | null
      readonly criteria: readonly Criterion[]
      readonly args: readonly Expr[]
    } & ExprType)
  /** A named value of the workbook: a column of its `single` sheet. */
  | ({ readonly kind: 'named'; readonly view: RelationId; readonly column: number } & ExprType)
  /** TODAY in the workbook's zone, or NOW to the minute: changes only by a `tick` message. */
  | ({ readonly kind: 'clock'; readonly workbook: string; readonly unit: ClockUnit } & ExprType)
  /**
   * A call of an asynchronous function: its answer for these arguments, remembered by value; what it is before there is one says `onPending`
   * (core/function-signature.ts). An error among the arguments is the result, and nobody is called. `params`: what each argument is sent as.
   */
  | ({
      readonly kind: 'async'
      readonly fn: string
      readonly version: string
      readonly args: readonly Expr[]
      readonly params: readonly FunctionValueType[]
      readonly onPending: OnPending
    } & ExprType)

/** How often the clock of a formula moves on: TODAY's each midnight, NOW's each minute. */
export type ClockUnit = 'day' | 'minute'

/** 0: equal only; −1: else the next smaller, 1: else the next larger; 2: a text with wildcards finds what fits it. */
export type LookupMode = -1 | 0 | 1 | 2

/** `count`: numbers, `counta`: not Blank, `count-rows`: rows (COUNTIFS, ROWS). */
export type AggregateFunction = 'sum' | 'count' | 'counta' | 'count-rows' | 'average' | 'min' | 'max' | OrderFunction | SpreadFunction

/** By the order of the values. */
export type OrderFunction =
  | 'large'
  | 'small'
  | 'median'
  | 'percentile-inc'
  | 'percentile-exc'
  | 'quartile-inc'
  | 'quartile-exc'
  | 'rank-eq'
  | 'rank-avg'

/** By the sums of the values and of their squares: variance and standard deviation of a sample or of all there is. */
export type SpreadFunction = 'var-s' | 'var-p' | 'stdev-s' | 'stdev-p'

/**
 * One criterion of the SUMIFS family, on a column of the aggregated relation, with Excel's criteria semantics (text case-folded, "1" = 1, wildcards,
 * Blank rules: `criteria.ts`). `op` is known statically where the formula says so (`[@id]` → `=`, `">="&[@from]` → `>=`);
 * `=` compares values and knows no wildcards: it can always be answered by an index over `criterionKey` (criteria.ts). `is` is the `=` of `"="&[@id]`:
 * the same, but for Blank and '', with which Excel's criterion is `"="` and asks for the Blank cells alone. `criterion` means that `value`
 * is text that may begin with an operator or hold wildcards, known per row (or a constant like "ap*", "", "<>").
 * `group` meets the cells with the same `groupKey`: what a row of a GROUPBY sheet asks of its own rows, and a text that PIVOTBY was given.
 * Criteria whose `value` has no `column` node are the same for all callers: the engine filters before it groups.
 */
export interface Criterion {
  readonly column: number
  readonly op: '=' | '<>' | '<' | '<=' | '>' | '>=' | 'is' | 'criterion' | 'group'
  readonly value: Expr
}

/** Static cost of keeping a formula right: what one change costs (`cost.ts`). */
export type CostClass =
  | { readonly class: 'constant' | 'log' }
  /** A change of `table` changes many callers. */
  | { readonly class: 'fan-out'; readonly table: RelationId }
  | { readonly class: 'whole-table'; readonly table: RelationId; readonly accepted: { readonly everyMs: number } | null }
