import { must } from '@sheetflow/core/assert'
import { CellError, isCellError } from '@sheetflow/core/cell-error'
import { fromJson } from '@sheetflow/core/json-codec'
import { Decimal } from '@sheetflow/core/decimal'
import type { Timestamp, Value } from '@sheetflow/core/value'
import type { Node } from '@sheetflow/formula/syntax/node'
import { parseFormula } from '@sheetflow/formula/syntax/parse'
import { computedType } from '@sheetflow/formula/value/type-rules'
import { readColumn } from './formula.ts'
import { CellsRow, columnAt } from './model.ts'
import type { Book, PlainColumn, PlainRelation, PlainRow, TableState } from './model.ts'
import type { Named, Names, ReadFormula } from './names.ts'
import { inKeyOrder, RowsReader } from './rows.ts'

/**
 * A workbook recalculated from nothing: the oracle of `npm run fuzz`, written from docs/formulas.md, docs/sheet-files.md and docs/functions without reading the
 * engine. Plain arrays; every row is looked at for every question; nothing is kept from one time to the next.
 *
 * Its own: what names mean, the order in which sheets are computed, LET and LAMBDA, rows (FILTER, SORTBY, TAKE, UNIQUE, GROUPBY, PIVOTBY, VSTACK, MERGE), lookups,
 * criteria, all aggregates of whole columns, order statistics, ranks, the order of values, exact sums and their rounding, what a dropped column does.
 * Shared with the product (`packages/formula`): the parser, the definitions of functions of single values and arrays with the types of their results (`bindCall`,
 * `compile`), how text is read as number or date, time zones; and of `core` the values, their JSON form and the table of letter case. Not shared: the binder of tables, `packages/workbook`, `packages/engine`.
 */
export class Recalculation implements Names {
  readonly timeZone: string
  readonly now: Timestamp
  readonly #book: Book
  readonly #tables = new Map<string, PlainRelation>()
  readonly #sheets = new Map<string, Sheet>()
  readonly #values = new Map<string, NamedFormula>()

  /** `now`: what the workbook's zone shows. */
  constructor(book: Book, tables: readonly TableState[], now: Timestamp) {
    this.#book = book
    this.timeZone = book.timeZone
    this.now = now
    for (const table of tables) this.#tables.set(labelOf(table.id), tableOf(table))
  }

  /** What readers of a sheet see: its rows in key order. */
  view(name: string): PlainRelation {
    return this.#sheet(name).shown
  }

  /** The one row of the named values that are formulas; null if there are none. */
  values(): PlainRelation | null {
    const names = Object.keys(this.#book.values).filter((name) => {
      const text = must(this.#book.values[name])
      return text.startsWith('=') && !isLambda(parseFormula(text).node)
    })
    if (names.length === 0) return null
    const formulas = names.map((name) => this.#value(name))
    const columns = formulas.map(({ formula }, i): PlainColumn => ({
      name: must(names[i]),
      type: computedType(formula.type),
      nullable: true,
    }))
    return { label: 'values', columns, key: [], rows: [new CellsRow(formulas.map(({ value }) => value()))] }
  }

  relation(source: string | null, table: string): PlainRelation | null {
    if (source !== null) return this.#tables.get(`${source}!${table}`.toLowerCase()) ?? null
    const name = Object.keys(this.#book.sheets).find((one) => one.toLowerCase() === table.toLowerCase())
    return name === undefined ? null : this.#sheet(name).shown
  }

  named(name: string): Named | null {
    const found = Object.keys(this.#book.values).find((one) => one.toLowerCase() === name.toLowerCase())
    if (found === undefined) return null
    const text = must(this.#book.values[found])
    if (!text.startsWith('=')) return constantOf(text)
    const { node } = parseFormula(text)
    if (isLambda(node)) return { kind: 'lambda', node }
    const { formula, value } = this.#value(found)
    return { kind: 'value', type: formula, value }
  }

  #value(name: string): NamedFormula {
    const known = this.#values.get(name)
    if (known !== undefined) return known
    const formula = readColumn(parseFormula(must(this.#book.values[name])).node, name, this, { own: null, filtered: null })
    let value: Value | undefined
    const made = { formula, value: () => (value ??= formula.run(new CellsRow([])) as Value) }
    this.#values.set(name, made)
    return made
  }

  #sheet(name: string): Sheet {
    const known = this.#sheets.get(name)
    if (known !== undefined) return known
    const file = must(this.#book.sheets[name], `a sheet ${name}`)
    const { relation, columns } = new RowsReader(this, file.map).made(parseFormula(file.rows).node)
    const own = new Sheet(name, relation, this)
    for (const [column, node] of Object.entries(columns)) own.add(column, node)
    for (const [column, formula] of Object.entries(file.columns ?? {})) {
      const { node } = parseFormula(formula)
      const isList = node.kind === 'call' && node.name.toUpperCase() === 'FILTER'
      if (!isList) own.add(column, node)
    }
    own.show(file.keep ?? [])
    this.#sheets.set(name, own)
    return own
  }
}

interface NamedFormula {
  readonly formula: ReadFormula
  readonly value: () => Value
}

/** A sheet: the columns of its rows, then those that are computed, each when somebody looks. */
class Sheet implements PlainRelation {
  readonly label: string
  readonly key: readonly number[]
  readonly rows: readonly PlainRow[]
  readonly group?: PlainRelation
  readonly #names: Names
  readonly #input: PlainRelation
  readonly #computed: { readonly name: string; readonly node: Node }[] = []
  readonly #formulas = new Map<number, ReadFormula>()
  #shown: PlainRelation | null = null

  constructor(label: string, input: PlainRelation, names: Names) {
    this.label = label
    this.key = input.key
    this.#input = input
    this.#names = names
    if (input.group !== undefined) this.group = input.group
    const compute = (column: number, row: PlainRow): Value => this.#formula(column).run(row) as Value
    this.rows = input.rows.map((row) => new ComputedRow(row, input.columns.length, compute))
  }

  add(name: string, node: Node): void {
    this.#computed.push({ name, node })
  }

  /** Types of computed columns are found out when they are asked for: formulas may read columns that are written behind theirs. */
  get columns(): readonly PlainColumn[] {
    const computed = this.#computed.map(({ name }, i) => this.#column(name, this.#input.columns.length + i))
    return [...this.#input.columns, ...computed]
  }

  get shown(): PlainRelation {
    return must(this.#shown)
  }

  show(keep: readonly string[]): void {
    // The key is always there, and nothing twice.
    const kept = new Set([...this.key, ...keep.map((name) => columnAt(this.#input, name))])
    const places = [...kept, ...this.#computed.map((_, i) => this.#input.columns.length + i)]
    const { label, key } = this
    const columns = (): PlainColumn[] => places.map((at) => must(this.columns[at]))
    const rows = this.rows.map((row): PlainRow => ({ get: (column) => row.get(must(places[column])) }))
    this.#shown = {
      label,
      key: key.map((_, i) => i),
      rows,
      get columns() {
        return columns()
      },
    }
  }

  #column(name: string, at: number): PlainColumn {
    const formula = (): ReadFormula => this.#formula(at)
    return {
      name,
      get type() {
        return computedType(formula().type)
      },
      get nullable() {
        return formula().nullable
      },
      get isEmpty() {
        return formula().type === null
      },
      get lost() {
        const { constant } = formula()
        // One that the formula makes itself (`INDEX({1,2}, 3)`) is a value as any other.
        return isCellError(constant) && constant.kind === '#REF!' && constant.of !== null
      },
    }
  }

  #formula(at: number): ReadFormula {
    const known = this.#formulas.get(at)
    if (known !== undefined) return known
    const { name, node } = must(this.#computed[at - this.#input.columns.length])
    const formula = readColumn(node, name, this.#names, { own: this, filtered: null })
    this.#formulas.set(at, formula)
    return formula
  }
}

class ComputedRow implements PlainRow {
  readonly members?: readonly PlainRow[]
  readonly #input: PlainRow
  readonly #first: number
  readonly #compute: (column: number, row: PlainRow) => Value
  readonly #cells: Value[] = []

  constructor(input: PlainRow, first: number, compute: (column: number, row: PlainRow) => Value) {
    this.#input = input
    this.#first = first
    this.#compute = compute
    if (input.members !== undefined) this.members = input.members
  }

  get(column: number): Value {
    if (column < this.#first) return this.#input.get(column)
    const known = this.#cells[column]
    if (known !== undefined) return known
    const value = this.#compute(column, this)
    this.#cells[column] = value
    return value
  }
}

/** A source table as the workbook sees it: by the names that it was deployed with. */
function tableOf({ id, schema, rows, ids = {} }: TableState): PlainRelation {
  const all = rows.map((row) => schema.columns.map((column, i) => fromJson(column, row[i] ?? null)))
  const named = schema.columns.map((column) => ({ name: nameOf(column.id, ids) ?? column.name, column }))
  const lost = Object.entries(ids).filter(([, columnId]) => schema.columns.every((column) => column.id !== columnId))
  const columns = [
    ...named.map(({ name, column }): PlainColumn => ({ name, type: column, nullable: column.null, kept: true })),
    ...lost.map(([name]): PlainColumn => ({ name, type: null, nullable: true, lost: true })),
  ]
  const key = schema.key.map((name) => schema.columns.findIndex((column) => column.name === name))
  const made = all.map((cells) => new CellsRow([...cells, ...lost.map(([name]) => new CellError('#REF!', name))]))
  return { label: displayOf(id), columns, key, rows: inKeyOrder(made, key, columns) }
}

function nameOf(id: number, ids: Readonly<Record<string, number>>): string | undefined {
  return Object.entries(ids).find(([, one]) => one === id)?.[0]
}

/** `shop!public.orders` is written `shop!orders`. */
function displayOf(id: string): string {
  return id.replace('!public.', '!')
}

function labelOf(id: string): string {
  return displayOf(id).toLowerCase()
}

function isLambda(node: Node): boolean {
  return node.kind === 'call' && node.name.toUpperCase() === 'LAMBDA'
}

function constantOf(text: string): Named {
  const value = Decimal.parse(text)
  const isInt = /^-?\d+$/.test(text)
  return {
    kind: 'value',
    type: { type: isInt ? { type: 'int' } : { type: 'decimal' }, nullable: false },
    value: () => (isInt ? Number(text) : value),
  }
}
