import { must } from '@sheetflow/core/assert'
import { CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import type { Value } from '@sheetflow/core/value'
import { bindCall } from '@sheetflow/formula/bind/bind-call'
import type { Binding } from '@sheetflow/formula/bind/binding'
import type { Expr, ExprType } from '@sheetflow/formula/bound'
import { compileColumn, compileFlow } from '@sheetflow/formula/compile/compile-expr'
import type { CompileHost } from '@sheetflow/formula/compile/compile-host'
import { definitionOf, functionNamed } from '@sheetflow/formula/functions/catalogue'
import { parameterOf, takesArrays } from '@sheetflow/formula/functions/definition'
import type { CallNode, Node, ReferenceNode } from '@sheetflow/formula/syntax/node'
import { Grid } from '@sheetflow/formula/value/grid'
import type { FormulaValue } from '@sheetflow/formula/value/grid'
import { ANY, widenAll } from '@sheetflow/formula/value/type-rules'
import { Arithmetic } from './arithmetic.ts'
import type { PlainRow } from './model.ts'
import type { FormulaReader, Local, Locals, Names, Place, ReadFormula } from './names.ts'
import { widened } from './plain.ts'
import { TableCalls } from './table-calls.ts'

const NO_LOCALS: Locals = new Map()
const INT: ExprType = { type: { type: 'int' }, nullable: false }
const FOLDS: ReadonlySet<string> = new Set(['REDUCE', 'SCAN'])
const LOOPS: ReadonlySet<string> = new Set(['MAP', 'BYROW', 'BYCOL', 'MAKEARRAY', ...FOLDS])
const BLANK: Expr = { kind: 'const', value: null, type: null, nullable: true }
const OMITTED: Expr = { ...BLANK, omitted: true }

/** Reads the formula of a column, whose errors are named after it. */
export function readColumn(node: Node, name: string, names: Names, place: Place): ReadFormula {
  const reader = new Reader(names, place)
  const expr = reader.expr(node, NO_LOCALS)
  const read = reader.ready(expr, (host) => compileColumn(expr, name, host))
  return expr.kind === 'const' ? { ...read, constant: expr.value } : read
}

/** Reads a condition, or anything whose result may be an array. */
export function readFormula(node: Node, names: Names, place: Place): ReadFormula {
  const reader = new Reader(names, place)
  const expr = reader.expr(node, NO_LOCALS)
  return reader.ready(expr, (host) => compileFlow(expr, host))
}

/** A formula, and what the names in it stand for. */
interface Entered {
  readonly node: Node
  readonly locals: Locals
}

/** Turns one formula's tree into what `compile` computes; what reaches beyond the row becomes a closure over plain rows. */
class Reader implements FormulaReader {
  readonly names: Names
  readonly place: Place
  readonly binding: Binding
  readonly #cells: ((row: PlainRow) => Value)[] = []
  readonly #arrays: ((row: PlainRow) => FormulaValue)[] = []
  readonly #arithmetic: Arithmetic = new Arithmetic(this)
  readonly #combined: ((value: (part: number) => Value) => Value)[] = []
  #slots = 0

  constructor(names: Names, place: Place) {
    this.names = names
    this.place = place
    this.binding = bindingOf(names)
  }

  ready(type: ExprType, compile: (host: CompileHost<RowOfFormula>) => (row: RowOfFormula) => FormulaValue): ReadFormula {
    const never = (): never => {
      throw new Error('this is computed here')
    }
    const host: CompileHost<RowOfFormula> = {
      lookup: never,
      aggregate: never,
      named: never,
      clock: never,
      columns: (node) => (row) => must(this.#arrays[Number(node.relation)])(row.row),
      async: (node, args) => (row) => must(this.#combined[Number(node.fn)])((part) => must(args[part])(row)),
    }
    const run = compile(host)
    const cells = this.#cells
    return { ...type, run: (row) => run({ row, get: (slot) => must(cells[slot])(row) }) }
  }

  /** A part of the formula that is computed here. */
  cell(type: ExprType, run: (row: PlainRow) => Value): Expr {
    return { kind: 'column', column: this.#cells.push(run) - 1, type: type.type, nullable: type.nullable }
  }

  array(type: ExprType, run: (row: PlainRow) => FormulaValue): Expr {
    const relation = String(this.#arrays.push(run) - 1)
    return { kind: 'columns', relation, columns: [], type: type.type, nullable: type.nullable, array: true }
  }

  combine(type: ExprType, parts: readonly Expr[], run: (value: (part: number) => Value) => Value): Expr {
    const fn = String(this.#combined.push(run) - 1)
    return { kind: 'async', fn, version: '', args: parts, params: [], onPending: 'busy', type: type.type, nullable: type.nullable }
  }

  /** Closures for other parts of the same formula, which are asked row by row. */
  valueOf(expr: Expr): (row: PlainRow) => Value {
    const { run } = this.ready(expr, (host) => compileFlow(expr, host))
    return (row) => {
      const value = run(row)
      return value instanceof Grid ? value.at(0, 0) : value
    }
  }

  call(fn: string, args: readonly Expr[], node: Node): Expr {
    return bindCall(
      this.binding,
      must(definitionOf(fn), `a function ${fn}`),
      args,
      args.map(() => node),
      node,
    )
  }

  expr(node: Node, locals: Locals, array = false): Expr {
    const cells = this.names.cells?.(node, !array) ?? null
    if (cells !== null) return cells
    const arithmetic = this.#arithmetic.expr(node, locals)
    if (arithmetic !== null) return arithmetic
    const inner = this.entered(node, locals)
    if (inner !== null) return this.expr(inner.node, inner.locals)
    switch (node.kind) {
      case 'number': {
        const value = Decimal.parse(node.text).normalize()
        const isInt = /^\d+$/.test(node.text) && typeof value.units === 'number'
        return isInt
          ? { kind: 'const', value: Number(node.text), ...INT }
          : { kind: 'const', value, type: { type: 'decimal' }, nullable: false }
      }
      case 'text':
        return { kind: 'const', value: node.value, type: { type: 'text' }, nullable: false }
      case 'bool':
        return { kind: 'const', value: node.value, type: { type: 'bool' }, nullable: false }
      case 'error':
        return { kind: 'const', value: new CellError(node.error), type: null, nullable: false }
      case 'array':
        return this.#grid(node.rows.map((row) => row.map((cell) => this.expr(cell, locals))))
      case 'binary':
        return this.call(node.op, [this.expr(node.left, locals), this.expr(node.right, locals)], node)
      case 'call':
        return this.#call(node, locals)
      case 'name':
        return this.#name(node.name, locals)
      case 'reference':
        return this.#reference(node)
      case 'empty':
        return OMITTED
      default:
        throw new Error(`not to be recalculated: ${node.kind}`)
    }
  }

  #grid(rows: readonly (readonly Expr[])[]): Expr {
    const cells = rows.flat()
    const type = widenAll(cells) ?? { type: ANY, nullable: true }
    const values = cells.map((cell) => (cell.kind === 'const' ? widened(cell.value, type) : null))
    return {
      kind: 'grid',
      grid: new Grid(rows.length, rows[0]?.length ?? 0, values),
      type: type.type,
      nullable: type.nullable,
      array: true,
    }
  }

  #name(name: string, locals: Locals): Expr {
    const local = locals.get(name.toLowerCase())
    if (local?.kind === 'expr') return local.expr
    const named = this.names.named(name)
    if (named?.kind === 'value') return this.cell(named.type, named.value)
    throw new Error(`no value is named ${name}`)
  }

  #reference(node: ReferenceNode): Expr {
    const { own, filtered } = this.place
    const tables = new TableCalls(this)
    if (node.row) return tables.ofRow(must(own), node)
    const relation = node.table === null ? (own ?? filtered) : this.names.relation(node.source?.name ?? null, node.table.name)
    if (filtered !== null && relation?.label === filtered.label) return tables.ofRow(filtered, node)
    return tables.wholeColumn(must(relation), node)
  }

  #call(node: CallNode, locals: Locals): Expr {
    const name = node.name.toUpperCase()
    if (LOOPS.has(name)) return this.#loop(name, node, locals)
    if (name === 'ISOMITTED') {
      const arg = this.expr(must(node.args[0]), locals)
      return { kind: 'const', value: arg.kind === 'const' && arg.omitted === true, type: { type: 'bool' }, nullable: false }
    }
    if (name === 'TODAY') return this.cell({ type: { type: 'date' }, nullable: false }, () => this.names.now.days)
    if (name === 'NOW') {
      const { days, micros } = this.names.now
      return this.cell({ type: { type: 'timestamp' }, nullable: false }, () => ({ days, micros: micros - (micros % 60_000_000) }))
    }
    const overTables = new TableCalls(this).call(name, node, locals)
    if (overTables !== null) return overTables
    return this.call(
      name,
      node.args.map((arg, i) => this.expr(arg, locals, takesArrays(parameterOf(must(functionNamed(name), name), i)))),
      node,
    )
  }

  entered(node: Node, locals: Locals): Entered | null {
    if (node.kind === 'invoke') return this.#applied(this.lambda(node.callee, locals), node.args, locals)
    if (node.kind === 'name') {
      const local = locals.get(node.name.toLowerCase())
      return local?.kind === 'formula' ? local : null
    }
    if (node.kind !== 'call') return null
    const local = locals.get(node.name.toLowerCase())
    if (local?.kind === 'lambda') return this.#applied(local, node.args, locals)
    if (node.name.toUpperCase() === 'LET') return this.#let(node.args, locals)
    const named = functionNamed(node.name) === undefined ? this.names.named(node.name) : null
    return named?.kind === 'lambda' ? this.#applied(this.lambda(named.node, NO_LOCALS), node.args, locals) : null
  }

  #let(args: readonly Node[], locals: Locals): Entered {
    const known = new Map(locals)
    for (let i = 0; i + 1 < args.length; i += 2) {
      const [name, node] = [must(args[i]), must(args[i + 1])]
      if (name.kind !== 'name') throw new Error('LET gives names')
      const isFunction = node.kind === 'call' && node.name.toUpperCase() === 'LAMBDA'
      known.set(name.name.toLowerCase(), isFunction ? this.lambda(node, new Map(known)) : { kind: 'formula', node, locals: new Map(known) })
    }
    return { node: must(args.at(-1)), locals: known }
  }

  lambda(node: Node, locals: Locals): Local & { kind: 'lambda' } {
    if (node.kind === 'name') {
      const local = locals.get(node.name.toLowerCase())
      if (local?.kind === 'lambda') return local
      const named = this.names.named(node.name)
      if (named?.kind === 'lambda') return this.lambda(named.node, NO_LOCALS)
    }
    if (node.kind !== 'call' || node.name.toUpperCase() !== 'LAMBDA') throw new Error('not a LAMBDA')
    const params = node.args.slice(0, -1).map(parameterName)
    return { kind: 'lambda', params, body: must(node.args.at(-1)), locals }
  }

  #applied({ params, body, locals: outer }: Local & { kind: 'lambda' }, args: readonly Node[], locals: Locals): Entered {
    const known = new Map(outer)
    for (const [i, param] of params.entries()) {
      const arg = args[i]
      known.set(param, arg === undefined ? { kind: 'expr', expr: OMITTED } : { kind: 'formula', node: arg, locals })
    }
    return { node: body, locals: known }
  }

  /** MAP and its siblings: the LAMBDA is run for each cell, row or column, which is the business of `compile`. */
  #loop(fn: string, node: CallNode, locals: Locals): Expr {
    const args = node.args.slice(0, -1).map((arg) => this.expr(arg, locals))
    const lambda = this.lambda(must(node.args.at(-1)), locals)
    const cell = ({ type, nullable }: ExprType): ExprType => ({ type, nullable })
    const [first = BLANK, second = BLANK] = args
    if (!FOLDS.has(fn)) {
      const inputs = fn === 'MAKEARRAY' ? [INT, INT] : fn === 'MAP' ? args.map(cell) : [{ ...cell(first), array: true as const }]
      const { slots, body } = this.#body(lambda, inputs)
      return { kind: 'over', fn, args, slots, inputs, body, type: body.type, nullable: body.nullable, array: true }
    }
    let kept: ExprType = cell(first)
    let bound = this.#body(lambda, [kept, cell(second)])
    for (let round = 0; round < 2; round++) {
      kept = widenAll([kept, bound.body]) ?? { type: ANY, nullable: true }
      bound = this.#body(lambda, [kept, cell(second)])
    }
    const inputs = [kept, cell(second)]
    const type = fn === 'SCAN' ? { ...kept, array: true as const } : kept
    return { kind: 'over', fn, args, slots: bound.slots, inputs, body: bound.body, ...type }
  }

  #body(lambda: Local & { kind: 'lambda' }, inputs: readonly ExprType[]): { readonly slots: readonly number[]; readonly body: Expr } {
    const known = new Map(lambda.locals)
    const slots = inputs.map(() => this.#slots++)
    for (const [i, param] of lambda.params.entries()) {
      const [slot, input] = [slots[i], inputs[i]]
      known.set(param, { kind: 'expr', expr: slot === undefined || input === undefined ? OMITTED : { kind: 'local', slot, ...input } })
    }
    return { slots, body: this.expr(lambda.body, known) }
  }
}

/** `x`, or `[x]`, which may be left out. */
function parameterName(node: Node): string {
  if (node.kind === 'name') return node.name.toLowerCase()
  return node.kind === 'reference' && node.table === null ? must(node.column).name.toLowerCase() : ''
}

/** A row as `compile` reads it: slots of the formula. */
interface RowOfFormula {
  readonly row: PlainRow
  get(slot: number): Value
}

/** What `bindCall` wants to know; what it has to complain about is the fault of whoever wrote the workbook. */
function bindingOf(names: Names): Binding {
  const never = (): never => {
    throw new Error('calls are bound when their arguments are')
  }
  return {
    scope: {
      workbook: '',
      timeZone: names.timeZone,
      row: null,
      ...(names.cells === undefined ? {} : { dynamic: true }),
      relation: () => null,
      relationNames: () => [],
      named: () => null,
      names: () => [],
    },
    filtered: null,
    error: (_code, _range, message) => {
      throw new Error(message)
    },
    warn: () => undefined,
    value: never,
    shaped: never,
    array: never,
    slot: never,
    inSlot: () => null,
    unrounded: new Map(),
    inside: never,
    inBody: never,
  }
}
