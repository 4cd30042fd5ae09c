import { must } from '@sheetflow/core/assert'
import { CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { cleanText } from '@sheetflow/core/text'
import type { Expr } from '../bound.ts'
import type { Diagnostics, FormulaCode, Range } from '../diagnostic.ts'
import { definitionOf, FUNCTIONS, functionNamed } from '../functions/catalogue.ts'
import { isList, parameterOf, takesArrays, type FunctionDefinition } from '../functions/definition.ts'
import { didYouMean } from '../suggest.ts'
import type { CallNode, Node, ReferenceNode } from '../syntax/node.ts'
import { bindRowCount, bindWholeColumns, bindWithCriteria, WHOLE_COLUMN } from './bind-aggregate.ts'
import { bindArray, bindColumns } from './bind-array.ts'
import { bindAsync } from './bind-async.ts'
import { bindCall, checkArity } from './bind-call.ts'
import { bindLambdaCall, bindLet, lambdaOf, namedLambda } from './bind-lambda.ts'
import { bindLookup } from './bind-lookup.ts'
import { bindOver } from './bind-over.ts'
import { bindRelated } from './bind-related.ts'
import { bindOrdered, isOrderedName } from './bind-ordered.ts'
import { bindName, bindReference } from './bind-reference.ts'
import type { Advice, Binding } from './binding.ts'
import { BLANK, constant, constantOf, OMITTED } from './build.ts'
import { declaredFunction, declaredFunctions } from './declared.ts'
import type { Lambda, Locals } from './locals.ts'
import { CELL_ADDRESS_FIX, refusalOf } from './refused.ts'
import { isTable, isWholeColumn } from './resolve.ts'
import type { Scope, ScopeRelation } from './scope.ts'

/** Parts of one formula, named functions put in: beyond this it is refused, so that nothing grows without bound. */
const MAX_PARTS = 20_000
/** Parts inside parts. */
const MAX_NESTING = 1_000

/** Functions whose formulas call each other deeper than this are recursive. */
const MAX_CALLS = 32

/** Where the formula of a named function is put in. */
interface Site {
  readonly name: string
  readonly range: Range
}

/** Binds one formula: names to columns, values and functions, with their types. */
export class Binder implements Binding {
  readonly scope: Scope
  readonly filtered: ScopeRelation | null
  readonly unrounded: Map<number, Expr | null> = new Map()
  readonly #diagnostics: Diagnostics
  #site: Site | null = null
  /** What stands in each slot. */
  readonly #slots: (Expr | null)[] = []
  #parts = 0
  #nesting = 0
  #calls = 0
  /** A function was found to call itself: it is not gone through in all the other ways, too. */
  #isEndless = false
  /** Arguments around this place that are computed as arrays. */
  #arrays = 0
  /** Arguments around this place that take arrays: whole columns may stand there. */
  #takers = 0

  constructor(scope: Scope, diagnostics: Diagnostics, filtered: ScopeRelation | null = null) {
    this.scope = scope
    this.filtered = filtered
    this.#diagnostics = diagnostics
  }

  error(code: FormulaCode, range: Range, message: string, advice: Advice = {}): void {
    this.#diagnostics.error(code, this.#place(range), this.#named(message), advice)
  }

  warn(code: FormulaCode, range: Range, message: string, advice: Advice = {}): void {
    this.#diagnostics.warning(code, this.#place(range), this.#named(message), advice)
  }

  slot(value: Expr | null): number {
    return this.#slots.push(value) - 1
  }

  inSlot(slot: number): Expr | null {
    return this.#slots[slot] ?? null
  }

  inside<T>(name: string, range: Range, bind: () => T): T {
    const outer = this.#site
    this.#site = outer ?? { name, range }
    const result = bind()
    this.#site = outer
    return result
  }

  inBody(label: string, site: Range, bind: () => Expr): Expr {
    if (this.#isEndless) return BLANK
    if (this.#calls === MAX_CALLS) {
      this.#isEndless = true
      this.error('formula/cycle', site, `${label} calls itself`, {
        why: 'functions of a sheet are put in place of their calls',
        fix: 'write it without recursion',
      })
      return BLANK
    }
    this.#calls++
    const expr = bind()
    this.#calls--
    return expr
  }

  value(node: Node, locals: Locals): Expr {
    const expr = this.shaped(node, locals)
    if (expr.array !== true || this.scope.dynamic === true) return expr
    this.error('formula/type', node, 'one value is needed here, not an array', {
      fix: 'pick or combine its values: INDEX, SUM, TEXTJOIN, …; to compare with several values: OR([@x]=1, [@x]=2)',
    })
    return BLANK
  }

  shaped(node: Node, locals: Locals): Expr {
    if (++this.#parts > MAX_PARTS || this.#nesting >= MAX_NESTING) {
      this.error('formula/not-allowed', node, 'the formula grows too large', {
        why: `it has more than ${MAX_PARTS} parts, or more than ${MAX_NESTING} inside each other`,
        fix: 'split it into several columns',
      })
      return BLANK
    }
    this.#nesting++
    const expr = this.#bind(node, locals)
    this.#nesting--
    return expr
  }

  array(node: Node, locals: Locals): Expr {
    this.#takers++
    const expr = this.shaped(node, locals)
    this.#takers--
    return expr
  }

  #bind(node: Node, locals: Locals): Expr {
    switch (node.kind) {
      case 'number':
        return this.#number(node)
      case 'text':
        return constant(cleanText(node.value).text, { type: 'text' })
      case 'bool':
        return constant(node.value, { type: 'bool' })
      case 'error':
        return { kind: 'const', value: new CellError(node.error), type: null, nullable: false }
      case 'array':
        return bindArray(this, node, locals)
      case 'unary':
        return this.#unary(node, locals)
      case 'percent':
        return this.#operator('%', [node.operand], node, locals)
      case 'binary':
        return node.op === ':' ? this.#cells(node, this.#arrays === 0) : this.#operator(node.op, [node.left, node.right], node, locals)
      case 'call':
        return this.#call(node, locals)
      case 'invoke':
        return this.#invoke(node, locals)
      case 'name':
        return bindName(this, node, locals)
      case 'reference':
        return this.#isArray(node) ? bindColumns(this, node) : bindReference(this, node)
      case 'cell':
      case 'cells':
      case 'union':
      case 'intersection':
      case 'spill':
        return this.#cells(node, this.#arrays === 0)
      case 'empty':
        return OMITTED
      case 'hole':
        return BLANK
    }
  }

  /** Is a reference an array here? `[x]` of a group's rows is none: an array is of a whole table. */
  #isArray(node: ReferenceNode): boolean {
    if (node.row || this.filtered !== null) return false
    if (this.scope.dynamic === true) return true
    return this.#takers > 0 && node.column !== null && (node.table !== null || this.scope.group === undefined)
  }

  /** Cells of a spreadsheet, which only its importer knows. `single`: they stand where one value is wanted. */
  #cells(node: Node, single: boolean): Expr {
    const { cells } = this.scope
    if (cells === undefined) {
      this.error('formula/not-allowed', node, 'live tables have no cells and no ranges of cells', { fix: CELL_ADDRESS_FIX })
      return BLANK
    }
    const expr = cells.reference(node, single)
    return node.kind === 'cell' && single && expr.kind === 'grid' ? constantOf(expr) : expr
  }

  /** The arguments of a function. Cells are a range to what takes ranges, one value to others; inside of an `array` argument all are ranges. */
  #arguments(definition: FunctionDefinition, node: CallNode, locals: Locals): readonly Expr[] {
    if (this.scope.cells === undefined)
      return node.args.map((arg, index) =>
        takesArrays(parameterOf(definition, index)) ? this.array(arg, locals) : this.shaped(arg, locals),
      )
    return node.args.map((arg, index) => {
      const parameter = parameterOf(definition, index)
      const target = this.#inline(arg, locals)
      if (isCells(target) && takesArrays(parameter)) return this.#cells(target, false)
      const inArrays = takesArrays(parameter) && !isList(parameter) ? 1 : 0
      this.#arrays += inArrays
      const expr = this.shaped(arg, locals)
      this.#arrays -= inArrays
      return expr
    })
  }

  /** What a defined name stands for. */
  #inline(node: Node, locals: Locals): Node {
    if (this.scope.cells === undefined || node.kind !== 'name' || locals.find(node.name) !== undefined) return node
    const named = this.scope.named(node.name)
    return named?.kind === 'inline' ? named.node : node
  }

  /** A literal is exactly what its text says: a whole number is an int (beyond 2^53 a decimal), anything else a decimal. Where it has more digits than those have, it is
   * a double if values may be of any kind. */
  #number(node: Node & { kind: 'number' }): Expr {
    const value = Decimal.tryParse(node.text.length > 400 ? 'too long' : node.text)
    const short = value === null || Math.abs(value.scale) > 400 ? null : value.normalize()
    if (short === null || short.digits() > 38) {
      const double = this.scope.dynamic === true ? Number(node.text) : Number.POSITIVE_INFINITY
      if (Number.isFinite(double)) return constant(double, { type: 'double' })
      this.error('formula/syntax', node, 'a number has at most 38 digits')
      return BLANK
    }
    if (short.scale === 0 && typeof short.units === 'number' && /^\d+$/.test(node.text)) return constant(short.units, { type: 'int' })
    return constant(value, { type: 'decimal' })
  }

  #unary(node: Node & { kind: 'unary' }, locals: Locals): Expr {
    // Plus changes nothing, not even a text into a number.
    if (node.op === '+') return this.shaped(node.operand, locals)
    if (node.op === '-') return this.#operator('neg', [node.operand], node, locals)
    this.error('formula/not-allowed', node, '"@" picks the value of this row inside of brackets', { fix: 'write [@x]' })
    return BLANK
  }

  #operator(fn: string, operands: readonly Node[], node: Node, locals: Locals): Expr {
    const args = operands.map((one) => this.shaped(one, locals))
    return bindCall(this, must(definitionOf(fn)), args, operands, node)
  }

  #call(node: CallNode, locals: Locals): Expr {
    const resolved = this.scope.cells?.call(node) ?? null
    if (resolved !== null) return resolved
    const local = locals.find(node.name)
    if (local?.kind === 'lambda') return this.#lambda(local.lambda, node.args, locals, node)
    const definition = functionNamed(node.name)
    if (definition !== undefined) return this.#function(definition, node, locals)
    const named = namedLambda(this, node.name)
    if (named !== undefined) return named === null ? BLANK : this.#lambda(named, node.args, locals, node)
    const declared = declaredFunction(this.scope, node.name)
    if (declared !== undefined) return bindAsync(this, declared, node, locals)
    this.#reportFunction(node, locals)
    return BLANK
  }

  #function(definition: FunctionDefinition, node: CallNode, locals: Locals): Expr {
    const { name } = definition
    if (Object.hasOwn(WHOLE_COLUMN, name) && node.args.some((arg) => isWholeColumn(arg, locals)))
      return bindWholeColumns(this, node, locals)
    if (isOrderedName(name) && node.args.some((arg) => isWholeColumn(arg, locals))) return bindOrdered(this, node, locals)
    if (definition.evaluation.mode === 'bound' && !this.#isOverArrays(definition, node, locals))
      return this.#bound(definition, node, locals)
    if (this.#refusesTables(definition, node, locals)) return BLANK
    if (!checkArity(this, definition, node.args.length, node.nameRange)) return BLANK
    return bindCall(this, definition, this.#arguments(definition, node, locals), node.args, node)
  }

  /** Some functions take arrays, but in a sheet no tables and columns: reports it and says what to write. */
  #refusesTables(definition: FunctionDefinition, { args, nameRange }: CallNode, locals: Locals): boolean {
    const refusal = this.scope.dynamic === true ? undefined : refusalOf(definition.name)
    if (refusal === undefined) return false
    if (!args.some((arg, index) => takesArrays(parameterOf(definition, index)) && isTable(this.scope, arg, locals))) return false
    this.error('formula/not-allowed', nameRange, `${definition.name} cannot be used in a sheet over tables`, refusal)
    return true
  }

  /** Is a function over tables and columns given an array instead? Where whole columns are arrays too, it is if what it gives may be an array. */
  #isOverArrays({ name, params, evaluation }: FunctionDefinition, { args }: CallNode, locals: Locals): boolean {
    if (evaluation.mode !== 'bound' || evaluation.arrays === undefined) return false
    if (this.scope.dynamic === true && this.filtered === null && (name === 'XLOOKUP' || name === 'FILTER')) return true
    const at = params.findIndex((one) => one.kind === 'column' || one.kind === 'rows')
    const arg = args[at]
    return arg !== undefined && !isTable(this.scope, arg, locals)
  }

  #bound(definition: FunctionDefinition, node: CallNode, locals: Locals): Expr {
    switch (definition.name) {
      case 'LET':
        return bindLet(this, node, locals)
      case 'LAMBDA':
        this.error('formula/type', node, 'this is a function, and one value is needed here', {
          fix: 'call it: LAMBDA(x, …)(1), or name it under "values:"',
        })
        return BLANK
      case 'MAP':
      case 'REDUCE':
      case 'SCAN':
      case 'BYROW':
      case 'BYCOL':
      case 'MAKEARRAY':
        return bindOver(this, definition, node, locals)
      case 'XLOOKUP':
        return bindLookup(this, node, locals)
      case 'RELATED':
        return bindRelated(this, node, locals)
      case 'ROWS':
        return bindRowCount(this, node, locals)
      case 'TODAY':
        if (!checkArity(this, definition, node.args.length, node.nameRange)) return BLANK
        return { kind: 'clock', workbook: this.scope.workbook, unit: 'day', type: { type: 'date' }, nullable: false }
      case 'NOW':
        if (!checkArity(this, definition, node.args.length, node.nameRange)) return BLANK
        return { kind: 'clock', workbook: this.scope.workbook, unit: 'minute', type: { type: 'timestamp' }, nullable: false }
      case 'ISREF':
        return this.#isReference(node, locals)
      case 'ISOMITTED':
        return this.#isOmitted(node, locals)
      case 'FILTER':
        this.error('formula/type', node, 'FILTER gives rows, and one value is needed here', {
          fix: 'use FILTER alone, as the rows of a sheet or as a nested list; aggregate rows with SUMIFS, COUNTIFS, …',
        })
        return BLANK
      default:
        return bindWithCriteria(this, node, locals)
    }
  }

  #isReference(node: CallNode, locals: Locals): Expr {
    const [arg] = node.args
    if (!checkArity(this, must(functionNamed(node.name)), node.args.length, node.nameRange) || arg === undefined) return BLANK
    const { kind } = this.shaped(arg, locals)
    return constant(kind === 'column' || kind === 'columns', { type: 'bool' })
  }

  /** Of a parameter of LAMBDA: whoever calls it decides, so it is known before anything runs. */
  #isOmitted(node: CallNode, locals: Locals): Expr {
    const [arg] = node.args
    if (!checkArity(this, must(functionNamed(node.name)), node.args.length, node.nameRange) || arg === undefined) return BLANK
    const expr = this.array(arg, locals)
    return constant(expr.kind === 'const' && expr.omitted === true, { type: 'bool' })
  }

  #invoke(node: Node & { kind: 'invoke' }, locals: Locals): Expr {
    const lambda = lambdaOf(this, node.callee, locals)
    if (lambda === undefined) {
      if (node.callee.kind !== 'hole')
        this.error('formula/type', node.callee, 'only a LAMBDA can be called', { fix: 'add an operator before "("' })
      return BLANK
    }
    return lambda === null ? BLANK : this.#lambda(lambda, node.args, locals, node)
  }

  #lambda(lambda: Lambda, args: readonly Node[], locals: Locals, site: Range): Expr {
    return this.#isEndless ? BLANK : bindLambdaCall(this, lambda, args, locals, site)
  }

  #reportFunction(node: CallNode, locals: Locals): void {
    const refusal = refusalOf(node.name)
    if (refusal !== undefined) {
      this.error('formula/not-allowed', node.nameRange, `${node.name.toUpperCase()} cannot be used in a sheet`, refusal)
      return
    }
    const declared = declaredFunctions(this.scope).map((one) => one.definition.name)
    const known = [...FUNCTIONS.map((one) => one.name), ...declared, ...this.scope.names(), ...locals.names()]
    const fix = didYouMean(node.name, known)
    this.error('formula/unknown-function', node.nameRange, `there is no function ${node.name}`, fix === undefined ? {} : { fix })
  }

  #place(range: Range): Range {
    return this.#site?.range ?? { start: range.start, end: range.end }
  }

  #named(message: string): string {
    return this.#site === null ? message : `in ${this.#site.name}: ${message}`
  }
}

function isCells(node: Node): boolean {
  return ['cell', 'cells', 'union', 'intersection', 'spill'].includes(node.kind) || (node.kind === 'binary' && node.op === ':')
}
