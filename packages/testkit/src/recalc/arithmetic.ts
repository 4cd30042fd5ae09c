import { must } from '@sheetflow/core/assert'
import { serialFromDays } from '@sheetflow/core/calendar'
import { CellError, isCellError } from '@sheetflow/core/cell-error'
import { isNumber } from '@sheetflow/core/number'
import type { Timestamp, Value } from '@sheetflow/core/value'
import { asLocal } from '@sheetflow/formula/bind/calendar'
import type { Expr, FormulaType } from '@sheetflow/formula/bound'
import { functionNamed } from '@sheetflow/formula/functions/catalogue'
import type { CallNode, Node } from '@sheetflow/formula/syntax/node'
import { fractionFromText, serialFromText } from '@sheetflow/formula/value/number-text'
import { combined, exactly, meant, nearestDouble, shown } from './fractions.ts'
import type { InnerNumber } from './fractions.ts'
import type { FormulaReader, Locals } from './names.ts'
import { fractionOf } from './plain.ts'
import type { Fraction } from './plain.ts'

/** What numbers go through before anything is rounded (docs/formulas.md, quotients). */
type Tree =
  | { readonly kind: 'leaf'; readonly expr: Expr }
  | { readonly kind: 'sign' | 'percent'; readonly of: Tree }
  | { readonly kind: 'op'; readonly op: string; readonly a: Tree; readonly b: Tree }
  /** The days from one moment to another. */
  | { readonly kind: 'between'; readonly a: Expr; readonly b: Expr }
  | { readonly kind: 'choice'; readonly pick: Expr; readonly branches: readonly Tree[] }
  | { readonly kind: 'rescue'; readonly value: Tree; readonly instead: Tree; readonly all: boolean }

/** A part of arithmetic. `shared`: as functions have it; `own`: computed here, and rounded. */
interface Link {
  readonly shared: Expr
  readonly tree: Tree
  own(): Expr
}

const OPERATORS: ReadonlySet<string> = new Set(['+', '-', '*', '/', '^'])
const DECIMAL: FormulaType = { type: 'decimal' }
const MICROS_A_DAY = 86_400_000_000n

/** The tree of the arithmetic around a node, read through names, LAMBDAs and what chooses between numbers. */
export class Arithmetic {
  readonly #reader: FormulaReader
  /** Names stand for formulas, so one may stand in many places. */
  readonly #links = new Map<Node, Map<Locals, Link>>()

  constructor(reader: FormulaReader) {
    this.#reader = reader
  }

  /** Null: the node is no arithmetic. */
  expr(node: Node, locals: Locals): Expr | null {
    return isArithmetic(node) ? this.#link(node, locals).own() : null
  }

  #link(node: Node, locals: Locals): Link {
    const known = this.#links.get(node) ?? new Map<Locals, Link>()
    this.#links.set(node, known)
    const link = known.get(locals) ?? this.#linked(node, locals)
    known.set(locals, link)
    return link
  }

  #linked(node: Node, locals: Locals): Link {
    const reader = this.#reader
    if (reader.names.cells !== undefined && reader.names.cells(node, true) !== null) return this.#leaf(reader.expr(node, locals))
    const inner = reader.entered(node, locals)
    if (inner !== null) return this.#link(inner.node, inner.locals)
    switch (node.kind) {
      case 'unary':
        if (node.op !== '-') return this.#link(node.operand, locals)
        return this.#operation('neg', [this.#link(node.operand, locals)], node)
      case 'percent':
        return this.#operation('%', [this.#link(node.operand, locals)], node)
      case 'binary':
        if (!OPERATORS.has(node.op)) break
        return this.#operation(node.op, [this.#link(node.left, locals), this.#link(node.right, locals)], node)
      case 'call':
        return this.#call(node, locals)
      default:
    }
    return this.#leaf(reader.expr(node, locals))
  }

  #leaf(expr: Expr): Link {
    return { shared: expr, tree: { kind: 'leaf', expr }, own: () => expr }
  }

  #operation(fn: string, parts: readonly Link[], node: Node): Link {
    const call = (args: readonly Expr[]): Expr => this.#reader.call(fn, args, node)
    const shared = call(parts.map((part) => part.shared))
    if (shared.array === true) return this.#leaf(shared)
    const type = shared.type?.type
    if (type === 'double') return this.#leaf(call(parts.map((part) => this.#asDouble(part))))
    if (type !== 'decimal') return { ...this.#leaf(shared), own: () => call(parts.map((part) => part.own())) }
    const tree = this.#tree(fn, parts, shared)
    let own: Expr | null = null
    return { shared, tree, own: () => (own ??= this.#closure(tree, DECIMAL, shown)) }
  }

  #tree(fn: string, [a, b]: readonly Link[], shared: Expr): Tree {
    const first = must(a)
    if (b === undefined) {
      return { kind: fn === '%' ? 'percent' : 'sign', of: this.#read(first.tree) }
    }
    if (fn === '-' && [first, b].every(({ shared: { type } }) => hasDay(type)))
      return shared.kind === 'call' ? { kind: 'between', a: must(shared.args[0]), b: must(shared.args[1]) } : { kind: 'leaf', expr: shared }
    return { kind: 'op', op: fn === 'POWER' ? '^' : fn, a: this.#read(first.tree), b: this.#read(b.tree) }
  }

  /** A number of its own kind, as functions read one; a time of day stays what it is. */
  #read(tree: Tree): Tree {
    if (tree.kind !== 'leaf') return tree
    const local = asLocal(tree.expr, this.#reader.names.timeZone)
    if (hasDay(local.type) || local.type?.type === 'time' || local.type?.type === 'text') return { kind: 'leaf', expr: local }
    return { kind: 'leaf', expr: this.#reader.call('neg', [this.#reader.call('neg', [local], NOWHERE)], NOWHERE) }
  }

  #call(node: CallNode, locals: Locals): Link {
    const reader = this.#reader
    const name = node.name.toUpperCase()
    const args = node.args
    if (name === 'POWER' && functionNamed(name) !== undefined)
      return this.#operation(
        name,
        args.map((arg) => this.#link(arg, locals)),
        node,
      )
    const shared = reader.expr(node, locals)
    const tree = shared.array === true || shared.type?.type !== 'decimal' ? null : this.#choice(name, args, locals, node)
    return tree === null ? this.#leaf(shared) : { shared, tree, own: () => shared }
  }

  /** IF and its like give one of their arguments as it is: the arguments are trees, and which it is is asked with their numbers in place of them. */
  #choice(name: string, args: readonly Node[], locals: Locals, node: Node): Tree | null {
    const reader = this.#reader
    const tree = (arg: Node | undefined): Tree => this.#read(this.#link(arg ?? BLANK_NODE, locals).tree)
    if (name === 'IFERROR' || name === 'IFNA')
      return { kind: 'rescue', value: tree(args[0]), instead: tree(args[1]), all: name === 'IFERROR' }
    const isBranch = (i: number): boolean =>
      name === 'IF' ? i > 0 : name === 'IFS' ? i % 2 === 1 : i > 0 && (i % 2 === 0 || i === args.length - 1)
    if (!['IF', 'IFS', 'SWITCH'].includes(name) || (name === 'IF' && args.length < 3)) return null
    const branches: Tree[] = []
    const asked = args.map((arg, i): Expr => {
      if (!isBranch(i)) return reader.expr(arg, locals)
      return { kind: 'const', value: branches.push(tree(arg)) - 1, type: { type: 'int' }, nullable: false }
    })
    return { kind: 'choice', pick: reader.call(name, asked, node), branches }
  }

  #asDouble({ shared, tree, own }: Link): Expr {
    if (shared.type?.type !== 'decimal' || tree.kind === 'leaf') return own()
    return this.#closure(tree, { type: 'double' }, nearestDouble)
  }

  #closure(tree: Tree, type: FormulaType, give: (number: InnerNumber) => Value): Expr {
    const run = (value: (expr: Expr) => Value): Value => {
      const number = new Evaluation(value).of(tree)
      return isCellError(number) ? number : give(number)
    }
    const parts = [...exprsOf(tree)]
    const constants = new Map<Expr, Value>()
    for (const one of parts) if (one.kind === 'const') constants.set(one, one.value)
    if (constants.size === parts.length) return { kind: 'const', value: run((expr) => constants.get(expr) ?? null), type, nullable: false }
    const places = new Map(parts.map((one, i) => [one, i]))
    return this.#reader.combine({ type, nullable: false }, parts, (value) => run((expr) => value(must(places.get(expr)))))
  }
}

const NOWHERE: Node = { kind: 'hole', start: 0, end: 0 }
const BLANK_NODE: Node = { kind: 'empty', start: 0, end: 0 }

function isArithmetic(node: Node): boolean {
  if (node.kind === 'unary' || node.kind === 'percent') return true
  return node.kind === 'binary' ? OPERATORS.has(node.op) : node.kind === 'call' && node.name.toUpperCase() === 'POWER'
}

function hasDay(type: FormulaType | null): boolean {
  return type !== null && ['date', 'timestamp', 'timestamptz'].includes(type.type)
}

function partsOf(tree: Tree): readonly Tree[] {
  switch (tree.kind) {
    case 'leaf':
    case 'between':
      return []
    case 'sign':
    case 'percent':
      return [tree.of]
    case 'op':
      return [tree.a, tree.b]
    case 'choice':
      return tree.branches
    case 'rescue':
      return [tree.value, tree.instead]
  }
}

/** What is asked of the formula itself. */
function exprsOf(tree: Tree, seen = new Set<Tree>(), found = new Set<Expr>()): ReadonlySet<Expr> {
  if (seen.has(tree)) return found
  seen.add(tree)
  if (tree.kind === 'leaf') found.add(tree.expr)
  if (tree.kind === 'choice') found.add(tree.pick)
  if (tree.kind === 'between') found.add(tree.a).add(tree.b)
  for (const part of partsOf(tree)) exprsOf(part, seen, found)
  return found
}

/** The numbers of one row. */
class Evaluation {
  readonly #value: (expr: Expr) => Value
  readonly #known = new Map<Tree, InnerNumber | CellError>()

  constructor(value: (expr: Expr) => Value) {
    this.#value = value
  }

  of(tree: Tree): InnerNumber | CellError {
    const number = this.#known.get(tree) ?? this.#compute(tree)
    this.#known.set(tree, number)
    return number
  }

  #compute(tree: Tree): InnerNumber | CellError {
    switch (tree.kind) {
      case 'leaf':
        return numberOf(tree.expr.type, this.#value(tree.expr))
      case 'sign': {
        const of = this.of(tree.of)
        return isCellError(of) ? of : { ...of, is: [-of.is[0], of.is[1]] }
      }
      case 'percent':
        return this.#both(this.of(tree.of), () => exactly([100n, 1n]), '/')
      case 'op':
        return this.#both(this.of(tree.a), () => this.of(tree.b), tree.op)
      case 'between': {
        const a = microsOf(this.#value(tree.a))
        if (isCellError(a)) return a
        const b = microsOf(this.#value(tree.b))
        return isCellError(b) ? b : meant([a - b, MICROS_A_DAY])
      }
      case 'choice': {
        const at = this.#value(tree.pick)
        return isCellError(at) ? at : this.of(must(tree.branches[Number(at)]))
      }
      case 'rescue': {
        const first = this.of(tree.value)
        return isCellError(first) && (tree.all || first.kind === '#N/A') ? this.of(tree.instead) : first
      }
    }
  }

  #both(a: InnerNumber | CellError, other: () => InnerNumber | CellError, op: string): InnerNumber | CellError {
    if (isCellError(a)) return a
    const b = other()
    return isCellError(b) ? b : combined(op, a, b)
  }
}

/** Blank is 0; a time of day is a quotient. */
function numberOf(type: FormulaType | null, value: Value): InnerNumber | CellError {
  if (isCellError(value)) return value
  if (value === null) return exactly([0n, 1n])
  if (type?.type === 'time') return meant([BigInt(value as number), MICROS_A_DAY])
  if (type?.type === 'date') return exactly([BigInt(serialFromDays(value as number)), 1n])
  if (isNumber(value)) return exactly(fractionOf(value))
  if (typeof value === 'string') return numberOfText(value)
  const { days, micros } = value as Timestamp
  const day = exactly([BigInt(serialFromDays(days)), 1n])
  return micros === 0 ? day : combined('+', day, meant([BigInt(micros), MICROS_A_DAY]))
}

/** A time or a mixed fraction is a quotient, all else the digits that stand there. */
function numberOfText(text: string): InnerNumber | CellError {
  const parts = fractionFromText(text)
  if (parts === null) {
    const number = serialFromText(text)
    return number === null ? new CellError('#VALUE!') : exactly(fractionOf(number))
  }
  const [whole, above, below] = [parts.whole, parts.above, parts.below].map(fractionOf) as [Fraction, Fraction, Fraction]
  return combined('+', exactly(whole), meant([above[0], below[0]]))
}

/** Since the day with serial number 0. */
function microsOf(value: Value): bigint | CellError {
  if (isCellError(value)) return value
  if (value === null) return 0n
  if (typeof value === 'number') return BigInt(serialFromDays(value)) * MICROS_A_DAY
  const { days, micros } = value as Timestamp
  return BigInt(serialFromDays(days)) * MICROS_A_DAY + BigInt(micros)
}
