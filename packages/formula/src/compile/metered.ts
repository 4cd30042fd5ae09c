import type { Expr, ExprType } from '../bound.ts'
import { partsOf } from '../expr-parts.ts'
import { definitionOf } from '../functions/catalogue.ts'
import type { Category, FunctionDefinition } from '../functions/definition.ts'
import { inBudget, spend } from '../value/budget.ts'
import { Grid, type FormulaValue } from '../value/grid.ts'
import { isTextType } from '../value/type-rules.ts'
import type { Flow } from './compile-host.ts'
import type { Argument } from './lift.ts'

/** Steps of a call, by what functions of a category take at the most; others take one. */
const STEPS: Readonly<Partial<Record<Category, number>>> = { financial: 50, statistical: 20, engineering: 20, text: 4, date: 4, math: 2 }
/** So many times as long takes a call that gives a decimal. */
const EXACT = 5
/** Functions that look at some cells of the arrays they are given, not at all of them. */
const LOOK_AT_SOME: ReadonlySet<string> = new Set(['INDEX', 'CHOOSE', 'ROWS', 'COLUMNS', 'TAKE', 'DROP', 'CHOOSEROWS', 'CHOOSECOLS'])
/** Steps that the reading of a cell of an array counts, for functions of some categories (they compute exactly, or put in order), and for others. */
const DEAR_CELL = 4
const CELL = 0.5
const DEAR: ReadonlySet<Category> = new Set(['statistical', 'financial', 'date'])
/** So many characters are read or made in one step. */
const CHARACTERS = 16

/**
 * Can an evaluation take long? Only where arrays are gone through, or a function says so: what is made of single values takes as long as its formula is, and
 * is not counted.
 */
export function needsBudget(expr: Expr): boolean {
  if (expr.array === true || expr.kind === 'over') return true
  if (expr.kind === 'call' && definitionOf(expr.fn)?.costly === true) return true
  return partsOf(expr).some(needsBudget)
}

/** The whole formula, with a budget of steps. */
export function budgeted<Row>(run: Flow<Row>): Flow<Row> {
  return (row) => inBudget(() => run(row))
}

/** The arguments of a call, each counted when it is read. */
export function meteredArguments<Row>(definition: FunctionDefinition, args: readonly Argument<Row>[]): readonly Argument<Row>[] {
  if (LOOK_AT_SOME.has(definition.name)) return args
  const cell = DEAR.has(definition.category) ? DEAR_CELL : CELL
  return args.map(({ type, run }) => ({ type, run: isLong(type) ? reading(run, cell) : run }))
}

function reading<Row>(run: Flow<Row>, cell: number): Flow<Row> {
  return (row) => {
    const value = run(row)
    spend(value instanceof Grid ? value.cells.length * cell : lengthOf(value))
    return value
  }
}

/**
 * A call, counted with what it makes: what that is, is seen by the value alone. `result` is the type of one cell where a function that makes arrays is called
 * for each cell of one.
 */
export function meteredCall<Row>(definition: FunctionDefinition, result: ExprType, run: Flow<Row>): Flow<Row> {
  const steps = (STEPS[definition.category] ?? 1) * (result.type?.type === 'decimal' ? EXACT : 1)
  return (row) => {
    spend(steps)
    const value = run(row)
    spend(value instanceof Grid ? sizeOf(value) : lengthOf(value))
    return value
  }
}

function sizeOf({ cells }: Grid): number {
  return cells.reduce<number>((size, cell) => size + lengthOf(cell), cells.length)
}

function lengthOf(value: FormulaValue): number {
  return typeof value === 'string' ? value.length / CHARACTERS : 0
}

/** May a value of that type be an array or a text? */
function isLong({ type, array }: ExprType): boolean {
  return array === true || type === null || type.type === 'any' || isTextType(type)
}
