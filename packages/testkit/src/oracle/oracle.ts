import { must } from '@sheetflow/core/assert'
import { CellError, isCellError } from '@sheetflow/core/cell-error'
import { compareValues } from '@sheetflow/core/compare'
import { fold } from '@sheetflow/core/fold'
import { fromJson, toJson } from '@sheetflow/core/json-codec'
import { valueKey } from '@sheetflow/core/key'
import type { RowJson } from '@sheetflow/core/message'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Timestamp, Value } from '@sheetflow/core/value'
import type { BoundGraph, BoundRows, BoundSheet, RelationId } from '@sheetflow/formula/bound'
import { callArguments } from '@sheetflow/formula/compile/call-arguments'
import { compileColumn, compileExpr } from '@sheetflow/formula/compile/compile-expr'
import { MISSING } from '@sheetflow/formula/compile/compile-host'
import type { Compiled, CompileHost, ExprOf, RowReader } from '@sheetflow/formula/compile/compile-host'
import { compareToKey, criteriaMatch, lookupKey, nearKey } from '@sheetflow/formula/criteria'
import { conversion } from '@sheetflow/formula/value/convert'
import { Grid } from '@sheetflow/formula/value/grid'
import { recursiveColumns } from '@sheetflow/formula/recursion'
import { rowsInputs } from '@sheetflow/formula/rows-inputs'
import { hasWildcard, wildcardTest } from '@sheetflow/formula/wildcard'
import { aggregateOf, compareInFormula } from './oracle-aggregate.ts'
import { allOf, NotKnown, settleAll } from './oracle-recursion.ts'
import { distinctRows, firstRows, mergedRows, stackedRows } from './oracle-rows.ts'
import type { Cells, PlainRows } from './oracle-rows.ts'

/** The rows of source tables: by table id, each row in JSON form in the order of the schema. */
export type TableRows = Readonly<Record<RelationId, readonly RowJson[]>>

/** The rows of each sheet, all columns in JSON form, in key order. */
export type OracleSheets = Readonly<Record<RelationId, readonly RowJson[]>>

/**
 * What a graph's sheets are for given tables: computed from nothing, row by row, by looking at everything. It shares formulas' functions with
 * the engine, and none of its operators, indexes or state: what the engine keeps right step by step must be this after every step (law 2).
 *
 * `now`: the time that the workbook's zone shows. `answers`: what functions have answered so far.
 */
export function recompute(graph: BoundGraph, tables: TableRows, now: Timestamp, answers: OracleAnswers = NOBODY_ANSWERS): OracleSheets {
  const oracle = new Oracle(graph, tables, now, answers)
  return Object.fromEntries(graph.sheets.map((sheet) => [sheet.view, oracle.rowsOf(sheet)]))
}

/**
 * The answers of asynchronous functions as a table: what the call shows on the row at `place`, undefined: nothing, it waits. `args` null: they wait themselves.
 */
export type OracleAnswers = (node: ExprOf<'async'>, place: string, args: readonly JsonValue[] | null) => Value | undefined

/** Thrown out of a formula that waits as a whole. */
class Held extends Error {}
const BUSY = '#BUSY!'

const NOBODY_ANSWERS: OracleAnswers = () => undefined

/** A row whose computed cells are computed when somebody looks; in a sheet that reads itself, those that are known: see `oracle-recursion.ts`. */
class OracleRow implements RowReader {
  readonly #cells: (Value | undefined)[]
  readonly #compute: (column: number, row: OracleRow) => Value

  constructor(cells: readonly Value[], compute: (column: number, row: OracleRow) => Value) {
    this.#cells = [...cells]
    this.#compute = compute
  }

  get(column: number): Value {
    const known = this.#cells[column]
    if (known !== undefined) return known
    const value = this.#compute(column, this)
    this.#cells[column] = value
    return value
  }

  set(column: number, value: Value): void {
    this.#cells[column] = value
  }
}

interface OracleRelation {
  readonly types: readonly ColumnType[]
  readonly key: readonly number[]
  /** In key order. */
  readonly rows: readonly OracleRow[]
}

class Oracle {
  readonly #relations = new Map<RelationId, OracleRelation>()
  readonly #now: Timestamp
  readonly #answers: OracleAnswers
  readonly #host: CompileHost<OracleRow> = {
    lookup: (node, search) => (row) => {
      const wanted = search(row)
      if (isCellError(wanted)) return wanted
      if (node.mode === 1 || node.mode === -1) return this.#near(node, wanted, node.mode)
      if (node.mode === 2 && typeof wanted === 'string' && hasWildcard(wanted)) return this.#like(node, wanted)
      const key = lookupKey(wanted)
      if (key === null) return MISSING
      const found = this.#relation(node.relation).rows.find((other) => lookupKey(other.get(node.key)) === key)
      return found === undefined ? MISSING : found.get(node.result)
    },
    aggregate: (node, criteria, args) => (row) => {
      // Which rows meet what is not known yet is not known.
      if (criteria.some((one) => isBusy(one(row)))) return new CellError(BUSY)
      const { rows, types } = this.#relation(node.relation)
      const tests = node.criteria.map(({ column, op }, i) => ({
        column,
        test: criteriaMatch(op, must(criteria[i])(row), types[column] ?? null),
      }))
      const met = rows.filter((other) => tests.every(({ column, test }) => test(other.get(column))))
      const { column } = node
      if (column === null)
        return aggregateOf(
          node.fn,
          null,
          met.map(() => null),
        )
      return aggregateOf(
        node.fn,
        must(types[column]),
        allOf(met.map((other) => () => other.get(column))),
        args.map((arg) => arg(row)),
      )
    },
    columns: (node) => () => {
      const { rows, types } = this.#relation(node.relation)
      const converts = node.columns.map((column) => conversion(must(types[column]), node.type))
      return Grid.ofRows(rows.map((row) => node.columns.map((column, i) => converts[i]?.(row.get(column)) ?? row.get(column))))
    },
    named: (node) => () => must(this.#relation(node.view).rows[0]).get(node.column),
    clock:
      ({ unit }) =>
      () =>
        unit === 'day' ? this.#now.days : { ...this.#now, micros: Math.floor(this.#now.micros / 6e7) * 6e7 },
  }

  constructor(graph: BoundGraph, tables: TableRows, now: Timestamp, answers: OracleAnswers) {
    this.#now = now
    this.#answers = answers
    for (const { id, schema } of graph.tables) {
      const cells = (tables[id] ?? []).map((row) => schema.columns.map((column, i) => fromJson(column, row[i] ?? null)))
      const key = schema.key.map((name) => schema.columns.findIndex((column) => column.name === name))
      cells.sort((a, b) => compareKeys(key, a, b))
      this.#relations.set(id, { types: schema.columns, key, rows: cells.map((one) => new OracleRow(one, () => null)) })
    }
    for (const sheet of graph.sheets) this.#addSheet(sheet)
  }

  rowsOf(sheet: BoundSheet): readonly RowJson[] {
    return this.#relation(sheet.view).rows.map((row) => sheet.columns.map((column, i): JsonValue => toJson(column.type, row.get(i))))
  }

  /** The row with the greatest key that does not stand behind the one wanted (mode 1: the least that does not stand before); the first of equal ones. */
  #near(node: ExprOf<'lookup'>, wanted: Value, mode: -1 | 1): Value | typeof MISSING {
    const { rows, types } = this.#relation(node.relation)
    const key = nearKey(wanted, types[node.key] ?? null, mode)
    if (key === null) return MISSING
    let best: OracleRow | null = null
    for (const row of rows) {
      const order = compareToKey(row.get(node.key), key)
      if (Number.isNaN(order) || order * mode < 0) continue
      if (best === null || compareInFormula(row.get(node.key), best.get(node.key)) * mode < 0) best = row
    }
    return best === null ? MISSING : best.get(node.result)
  }

  /** The first row whose text fits. */
  #like(node: ExprOf<'lookup'>, pattern: string): Value | typeof MISSING {
    const fits = wildcardTest(fold(pattern))
    const found = this.#relation(node.relation).rows.find((row) => {
      const cell = row.get(node.key)
      return typeof cell === 'string' && fits(fold(cell))
    })
    return found === undefined ? MISSING : found.get(node.result)
  }

  /** For formulas of rows with that key: `of` says which formulas these are. */
  #calling(of: string, key: readonly number[]): CompileHost<OracleRow> {
    return {
      ...this.#host,
      async: (node, args) => {
        const read = callArguments(node)
        return (row) => {
          const asked = read(args.map((arg) => arg(row)))
          if (isCellError(asked) && asked.kind !== BUSY) return asked
          const place = JSON.stringify([of, key.map((column) => valueKey(row.get(column)))])
          const shown = this.#answers(node, place, isCellError(asked) ? null : asked)
          if (shown !== undefined) return shown
          if (node.onPending === 'hold') throw new Held()
          return new CellError(BUSY)
        }
      },
    }
  }

  #relation(id: RelationId): OracleRelation {
    return must(this.#relations.get(id), `a relation named ${id}`)
  }

  #addSheet(sheet: BoundSheet): void {
    const host = this.#calling(sheet.view, sheet.key)
    const formulas = sheet.columns.map(({ formula, name }) =>
      formula === undefined ? null : unlessHeld(compileColumn(formula, name, host), new CellError(BUSY, name)),
    )
    const inputs = this.#inputs(sheet)
    const types = sheet.columns.map((column) => column.type)
    if (recursiveColumns(sheet).length > 0) {
      this.#addRecursive(sheet, inputs, formulas)
      return
    }
    const rows = inputs.map((cells) => new OracleRow(cells, (column, row) => must(formulas[column], 'an input column has a value')(row)))
    this.#relations.set(sheet.view, { types, key: sheet.key, rows })
  }

  /** A cell is a number: place of the row × columns + column. */
  #addRecursive({ view, columns, key }: BoundSheet, inputs: readonly Cells[], formulas: readonly (Compiled<OracleRow> | null)[]): void {
    const rows = inputs.map((cells, place) => {
      return new OracleRow(cells, (column) => {
        throw new NotKnown([place * columns.length + column])
      })
    })
    this.#relations.set(view, { types: columns.map((column) => column.type), key, rows })
    const cells = rows.flatMap((_, place) =>
      formulas.flatMap((formula, column) => (formula === null ? [] : [place * columns.length + column])),
    )
    const at = (cell: number) => ({ row: must(rows[Math.floor(cell / columns.length)]), column: cell % columns.length })
    settleAll(
      cells,
      (cell) => {
        const { row, column } = at(cell)
        row.set(column, must(formulas[column])(row))
      },
      (cell) => {
        const { row, column } = at(cell)
        row.set(column, new CellError('#CIRC!', must(columns[column]).name))
      },
    )
  }

  /** Input cells of each row, in key order. */
  #inputs({ view, rows, key, columns }: BoundSheet): readonly (readonly Value[])[] {
    const inputs = columns.filter((column) => column.formula === undefined)
    switch (rows.kind) {
      case 'single':
        return [[]]
      case 'data':
        return inKeyOrder(rows.rows, key)
      case 'relation':
      case 'filter':
      case 'chain':
        return must(this.#inputRows(view, rows)[0]).rows.map((row) => inputs.map((_, i) => row.get(i)))
      case 'distinct':
        return inKeyOrder(distinctRows(must(this.#inputRows(view, rows)[0]).rows, rows.columns), key)
      case 'stack': {
        const parts = this.#inputRows(view, rows).map((part, i) => ({ ...part, ...must(rows.parts[i]) }))
        return inKeyOrder(
          stackedRows(
            parts,
            inputs.map((column) => column.type),
          ),
          key,
        )
      }
      case 'merge': {
        const [left, right] = this.#inputRows(view, rows)
        return inKeyOrder(mergedRows(must(left).rows, must(right).rows, rows), key)
      }
    }
  }

  /** What the relations behind a sheet's rows have left after their steps. */
  #inputRows(view: RelationId, bound: BoundRows): PlainRows[] {
    let places = 0
    return rowsInputs(bound).map(({ relation, steps }) => {
      const { rows, types, key } = this.#relation(relation)
      let left: readonly RowReader[] = rows
      for (const step of steps) {
        if (step.kind === 'top') left = firstRows(left, step.order, step.count, step.drops === true)
        else {
          const where = unlessHeld(compileExpr(step.where, this.#calling(`rows of ${view} ${places++}`, key)), new CellError(BUSY))
          left = left.filter((row) => where(row as OracleRow) === true)
        }
      }
      return { types, rows: left }
    })
  }
}

/** A formula with a call that holds and has nothing to show is `#BUSY!`, whatever stands around the call. */
function unlessHeld(run: Compiled<OracleRow>, busy: Value): Compiled<OracleRow> {
  return (row) => {
    try {
      return run(row)
    } catch (error) {
      if (error instanceof Held) return busy
      throw error
    }
  }
}

function isBusy(value: Value): boolean {
  return isCellError(value) && value.kind === BUSY
}

function inKeyOrder(rows: readonly (readonly Value[])[], key: readonly number[]): (readonly Value[])[] {
  return rows.toSorted((a, b) => compareKeys(key, a, b))
}

function compareKeys(key: readonly number[], a: readonly Value[], b: readonly Value[]): number {
  for (const column of key) {
    const order = compareValues(a[column] ?? null, b[column] ?? null)
    if (order !== 0) return order
  }
  return 0
}
