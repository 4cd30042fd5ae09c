import { must } from '@sheetflow/core/assert'
import { CellError, isCellError } from '@sheetflow/core/cell-error'
import { fold } from '@sheetflow/core/fold'
import type { Timestamp, Value } from '@sheetflow/core/value'
import type { Expr, ExprType, FormulaType } from '@sheetflow/formula/bound'
import type { CallNode, Node, ReferenceNode } from '@sheetflow/formula/syntax/node'
import { Grid, gridOf } from '@sheetflow/formula/value/grid'
import { momentFromText } from '@sheetflow/formula/value/number-text'
import { ANY, isTextType, widenAll } from '@sheetflow/formula/value/type-rules'
import { localTime, zonedTime } from '@sheetflow/formula/value/zone'
import { aggregateNamed, aggregateType } from './aggregates.ts'
import { isPattern, meets, splitOperator } from './criteria.ts'
import type { PlainCriterion } from './criteria.ts'
import { columnAt } from './model.ts'
import type { PlainColumn, PlainRelation, PlainRow } from './model.ts'
import type { FormulaReader, Locals } from './names.ts'
import { compare, kindOf, plainOf, widened } from './plain.ts'
import type { Plain } from './plain.ts'
import { askedBeside, cellBeside, isCalendar } from './serials.ts'

/** A whole column: its type, and its cells in key order as seen from a row. */
interface Whole {
  readonly relation: PlainRelation | null
  readonly type: FormulaType | null
  readonly nullable: boolean
  cells(row: PlainRow): readonly Value[]
}

const REF = 'lost'
const IFS = /^(SUM|COUNT|AVERAGE|MIN|MAX)IFS?$/
const NA = new CellError('#N/A')

/** What formulas ask of whole tables: every cell is looked at, for every question. */
export class TableCalls {
  readonly #reader: FormulaReader

  constructor(reader: FormulaReader) {
    this.#reader = reader
  }

  /** `[@x]`, or `t[x]` in a condition over `t`. */
  ofRow(relation: PlainRelation, node: ReferenceNode): Expr {
    const name = must(node.column).name
    const at = indexOf(relation, name)
    const column = must(relation.columns[at])
    if (column.lost === true) return { kind: 'const', value: new CellError('#REF!', name), type: null, nullable: false }
    return this.#reader.cell(column, (row) => row.get(at))
  }

  /** A whole column, or a whole table, as an array. */
  wholeColumn(relation: PlainRelation, node: ReferenceNode): Expr {
    if (node.column === null) {
      const type = widenAll(relation.columns) ?? { type: ANY, nullable: true }
      return this.#reader.array(type, () =>
        Grid.ofRows(relation.rows.map((row) => relation.columns.map((_, i) => widened(row.get(i), type)))),
      )
    }
    const at = indexOf(relation, node.column.name)
    const column = must(relation.columns[at])
    if (column.lost === true) return { kind: 'const', value: new CellError('#REF!', column.name), type: null, nullable: false }
    return this.#reader.array(column, () => Grid.ofRows(relation.rows.map((row) => [row.get(at)])))
  }

  /** Null: it is an ordinary call. */
  call(name: string, node: CallNode, locals: Locals): Expr | null {
    const { args } = node
    if (args.every((arg) => !this.#isColumn(arg, locals))) return null
    if (IFS.test(name)) return this.#withCriteria(name, args, locals)
    if (name === 'ROWS') return this.#rows(must(args[0]))
    if (name === 'XLOOKUP') return this.#lookup(node, locals)
    if (name === 'RELATED') return this.#related(node, locals)
    const aggregate = aggregateNamed(name)
    if (aggregate === undefined) return null
    const ofCells = this.#reader.names.cells !== undefined
    if (args.length > 1 && ['SUM', 'COUNT', 'COUNTA'].includes(name)) return ofCells ? null : this.#several(name, node, locals)
    const whole = this.#whole(must(args[aggregate.column]), locals)
    if (whole === REF) return refError()
    if (whole === null) return null
    const others = args.filter((_, i) => i !== aggregate.column).map((arg) => this.#reader.expr(arg, locals))
    if (others.some((one) => one.array === true)) return null
    const given = others.map((one, i) => this.#given(one, i === 0 && aggregate.name.startsWith('RANK') ? whole.type : null))
    return this.#reader.cell(aggregateType(aggregate.name, whole.type), (row) =>
      aggregate.of({ type: whole.type, cells: whole.cells(row), args: given.map((one) => one(row)) }),
    )
  }

  /** SUM of several columns and values. */
  #several(name: string, node: CallNode, locals: Locals): Expr {
    const parts = node.args.map((arg) =>
      this.#isColumn(arg, locals)
        ? must(this.call(name, { ...node, args: [arg] }, locals))
        : this.#reader.call(name, [this.#reader.expr(arg, locals)], arg),
    )
    return parts.reduce((sum, part) => this.#reader.call('+', [sum, part], node))
  }

  #withCriteria(name: string, args: readonly Node[], locals: Locals): Expr | null {
    const fn = must(IFS.exec(name)?.[1])
    const isShort = !name.endsWith('IFS')
    const counts = fn === 'COUNT'
    const pairs = isShort ? args.slice(0, 2) : counts ? args : args.slice(1)
    const of = counts ? pairs[0] : isShort ? (args[2] ?? args[0]) : args[0]
    const values = this.#whole(must(of), locals)
    const asked = pairs.flatMap((column, i) =>
      i % 2 === 0 ? [this.#criterion(this.#whole(column, locals), must(pairs[i + 1]), locals)] : [],
    )
    if (values === REF || asked.includes(REF)) return refError()
    if (values === null || asked.includes(null)) return null
    const tests = asked.filter((one) => one !== null && one !== REF)
    const aggregate = must(aggregateNamed(fn))
    const type = counts ? aggregateType('COUNT', null) : aggregateType(fn, values.type)
    return this.#reader.cell(type, (row) => {
      const cells = values.cells(row)
      const met = tests.map((test) => test(row))
      const left = cells.filter((_, i) => met.every((one) => one[i] === true))
      if (met.some((one) => one.length !== cells.length)) return new CellError('#VALUE!')
      return counts ? left.length : aggregate.of({ type: values.type, cells: left, args: [] })
    })
  }

  /** Which cells of a column meet a criterion, as seen from a row. */
  #criterion(whole: Whole | typeof REF | null, node: Node, locals: Locals): ((row: PlainRow) => boolean[]) | typeof REF | null {
    if (whole === null || whole === REF) return whole
    const { names } = this.#reader
    if (node.kind === 'text' && node.asGroup === true) return this.#pivoted(whole, node.value)
    const found = this.#splitOperator(node, locals)
    if (found.expr.array === true) return null
    const value = this.#asked(found.expr, whole.type)
    return (row) => {
      const criterion: PlainCriterion = { op: found.op, value: value(row) }
      // `">"&Blank` is the text ">", `"="&""` the text "=".
      const isNothing = criterion.value === null || criterion.value === ''
      const asked = isNothing && found.written ? { op: null, value: found.op } : criterion
      return whole.cells(row).map((cell) => meets(asked, cellBeside(whole.type, plainOf(whole.type, cell)), whole.type, names.timeZone))
    }
  }

  /** Which cells are the text that PIVOTBY was given: texts as in one group, elsewhere what it stands for. */
  #pivoted(whole: Whole, value: string): (row: PlainRow) => boolean[] {
    const { timeZone } = this.#reader.names
    // Wildcards of a value are no wildcards.
    const asked: PlainCriterion = { op: null, value: value === '' ? '' : `=${value.replaceAll(/[~*?]/g, '~$&')}` }
    const isGiven = (cell: Plain): boolean =>
      isTextType(whole.type) ? typeof cell === 'string' && fold(cell) === fold(value) : meets(asked, cell, whole.type, timeZone)
    return (row) => whole.cells(row).map((cell) => isGiven(cellBeside(whole.type, plainOf(whole.type, cell))))
  }

  /**
   * A text that the formula itself puts together may begin with an operator and hold wildcards; `">="&x` asks for x as it is; what comes from columns
   * alone is compared as it stands.
   */
  #splitOperator(node: Node, locals: Locals): { readonly op: PlainCriterion['op']; readonly expr: Expr; readonly written: boolean } {
    const expr = this.#reader.expr(node, locals)
    if (this.#reader.names.cells !== undefined) return { op: null, expr, written: false }
    if (node.kind === 'binary' && node.op === '&' && node.left.kind === 'text') {
      const [op, rest] = splitOperator(node.left.value)
      const right = this.#reader.expr(node.right, locals)
      const isPatternOf = right.type?.type === 'text' && (op === '=' || op === '<>') && hasPattern(node.right, locals)
      if (op !== null && rest === '' && !isPatternOf) return { op, expr: right, written: true }
    }
    return { op: hasPattern(node, locals) || expr.kind === 'const' ? null : '=', expr, written: false }
  }

  /** The value of a part, as one that can be compared with cells of that type. */
  #given(expr: Expr, type: FormulaType | null): (row: PlainRow) => Value {
    const run = this.#reader.valueOf(expr)
    const { timeZone } = this.#reader.names
    return (row) => {
      const value = plainOf(expr.type, run(row))
      if (kindOf(value) !== 'moment' || type === null) return value
      if (type.type === 'timestamptz') return expr.type?.type === 'timestamptz' ? value : zonedTime(value as Timestamp, timeZone)
      return expr.type?.type === 'timestamptz' ? localTime(value as Timestamp, timeZone) : value
    }
  }

  /** The same, where numbers, dates and times meet each other. */
  #asked(expr: Expr, type: FormulaType | null): (row: PlainRow) => Value {
    const run = this.#reader.valueOf(expr)
    return (row) => askedBeside(plainOf(expr.type, run(row)), expr.type, type, this.#reader.names.timeZone)
  }

  #rows(node: Node): Expr {
    const { own } = this.#reader.place
    const ofGroup = node.kind === 'reference' && node.table === null && own?.group !== undefined
    const relation = ofGroup ? null : this.#relation(node)
    return this.#reader.cell(
      { type: { type: 'int' }, nullable: false },
      (row) => (relation === null ? must(row.members) : relation.rows).length,
    )
  }

  /** The lookup by the one key column that the table has. */
  #related(node: CallNode, locals: Locals): Expr | null {
    const [column, search, ...missing] = node.args
    if (column?.kind !== 'reference' || column.column === null) return null
    const { columns, key } = must(this.#relation(column), 'a table')
    const keys = { ...column, column: { ...column.column, name: must(columns[must(key[0])]).name } }
    return this.#lookup({ ...node, args: [must(search), keys, column, ...missing] }, locals)
  }

  #lookup(node: CallNode, locals: Locals): Expr | null {
    const [search, keys, results, missing, mode] = node.args
    const [key, result] = [this.#whole(must(keys), locals), this.#whole(must(results), locals)]
    if (key === REF || result === REF) return refError()
    if (key === null || result === null) return null
    const wanted = this.#reader.expr(must(search), locals)
    if (wanted.array === true) return null
    const other = missing === undefined ? null : this.#reader.expr(missing, locals)
    const near = mode === undefined ? 0 : Number(this.#reader.valueOf(this.#reader.expr(mode, locals))(NO_ROW) ?? 0)
    const found: ExprType = { type: result.type, nullable: result.nullable }
    const type = other === null || other.type === null ? found : must(widenAll([found, other]), 'one type')
    const isText = wanted.kind === 'const' && typeof wanted.value === 'string' && isCalendar(key.type)
    const dated = isText && wanted.kind === 'const' ? momentFromText(String(wanted.value)) : null
    const asked =
      dated === null
        ? this.#asked(wanted, key.type)
        : this.#asked({ kind: 'const', value: dated, type: { type: 'timestamp' }, nullable: false }, key.type)
    const instead = other === null ? null : this.#reader.valueOf(other)
    return this.#reader.cell(type, (row) => {
      const value = asked(row)
      if (isCellError(value)) return value
      const place =
        value === null
          ? -1
          : placeOf(
              value,
              key.cells(row).map((cell) => cellBeside(key.type, plainOf(key.type, cell))),
              near,
            )
      if (place < 0) return instead === null ? NA : widened(instead(row), type)
      return widened(result.cells(row)[place] ?? null, type)
    })
  }

  #isColumn(node: Node, locals: Locals): boolean {
    if (node.kind === 'name')
      return (
        !locals.has(node.name.toLowerCase()) &&
        this.#reader.names.named(node.name) === null &&
        this.#reader.names.relation(null, node.name) !== null
      )
    if (node.kind === 'reference') return !node.row && this.#reader.place.filtered === null
    return this.#reader.names.cells?.(node, false)?.kind === 'grid'
  }

  #relation(node: Node): PlainRelation | null {
    const { names, place } = this.#reader
    if (node.kind === 'name') return names.relation(null, node.name)
    if (node.kind !== 'reference') return null
    return node.table === null ? place.own : names.relation(node.source?.name ?? null, node.table.name)
  }

  /** Null: it is no whole column. */
  #whole(node: Node, locals: Locals): Whole | typeof REF | null {
    if (!this.#isColumn(node, locals)) return null
    if (node.kind !== 'reference') {
      const expr = this.#reader.names.cells?.(node, false)
      if (expr?.kind !== 'grid') return null
      const { cells } = gridOf(expr.grid)
      return { relation: null, type: ANY, nullable: true, cells: () => cells }
    }
    const { own } = this.#reader.place
    const group = node.table === null ? own?.group : undefined
    const relation = group ?? must(this.#relation(node), 'a table')
    const at = indexOf(relation, must(node.column).name)
    const { type, nullable, lost } = must(relation.columns[at])
    if (lost === true) return REF
    const rows = group === undefined ? (): readonly PlainRow[] => relation.rows : (row: PlainRow): readonly PlainRow[] => must(row.members)
    return { relation, type, nullable, cells: (row) => rows(row).map((one) => one.get(at)) }
  }
}

const NO_ROW: PlainRow = { get: () => null }

function refError(): Expr {
  return { kind: 'const', value: new CellError('#REF!', ''), type: null, nullable: false }
}

/** Does the formula itself write something that is more than a text? */
function hasPattern(node: Node, locals: Locals): boolean {
  const has = (part: Node): boolean => hasPattern(part, locals)
  if (node.kind === 'text') return isPattern(node.value)
  if (node.kind === 'binary') return has(node.left) || has(node.right)
  if (node.kind === 'name') {
    const local = locals.get(node.name.toLowerCase())
    return local?.kind === 'formula' && hasPattern(local.node, local.locals)
  }
  if (node.kind !== 'call') return false
  // What a table answers is of its columns, whatever it was asked; what stands for no row is the formula's.
  const name = node.name.toUpperCase()
  if (name === 'XLOOKUP') return node.args.slice(3, 4).some(has)
  return (!/IFS?$/.test(name) || name === 'IF' || name === 'IFS') && node.args.some(has)
}

/** The first equal one; else, if asked for, the first of the next smaller (−1) or larger (1) ones. −1: none. */
function placeOf(wanted: Value, keys: readonly Value[], near: number): number {
  let best = -1
  for (const [i, key] of keys.entries()) {
    if (kindOf(key) !== kindOf(wanted)) continue
    const order = compare(key, wanted)
    if (order === 0) return i
    if (near !== 0 && order * near > 0 && (best < 0 || compare(key, must(keys[best])) * near < 0)) best = i
  }
  return best
}

function indexOf(relation: PlainRelation, name: string): number {
  const at = columnAt(relation, name)
  if (at < 0) throw new Error(`${relation.label} has no column ${name}: ${relation.columns.map((one: PlainColumn) => one.name).join(', ')}`)
  return at
}
