import { must } from '@sheetflow/core/assert'
import type { OrderTerm } from '@sheetflow/core/query-plan'
import type { JsonValue } from '@sheetflow/core/value'
import type { Dialect, QueryTable, Scope } from './dialect.ts'
import type { Params } from './params.ts'

/**
 * Conditions on cells, for every dialect the same. They obey FORMATS 2: Blank is a value below all others, a cell error lies above them and
 * satisfies no condition, negated or not. Cells compare as values do, so each is a plain comparison; only errors are kept out.
 */
export class Conditions<T extends QueryTable> {
  readonly #dialect: Dialect<T>
  readonly #params: Params

  constructor(dialect: Dialect<T>, params: Params) {
    this.#dialect = dialect
    this.#params = params
  }

  /** `column <op> constant` */
  compare(scope: Scope<T>, column: number, op: Comparison, constant: JsonValue): string {
    const cell = cellName(scope, column)
    const { cell: value, exact } = this.#dialect.floor(scope.table, column, constant)
    const noError = this.#noError(scope, column)
    const bound = (): string => this.#params.add(value)
    switch (op) {
      case 'eq':
        return exact ? `${cell} = ${bound()}` : FALSE
      case 'ne':
        return exact ? `(${cell} <> ${bound()} AND ${noError})` : noError
      // Between the floor and the constant there is no cell: below the constant is up to the floor.
      case 'lt':
        return `${cell} ${exact ? '<' : '<='} ${bound()}`
      case 'le':
        return `${cell} <= ${bound()}`
      case 'gt':
        return `(${cell} > ${bound()} AND ${noError})`
      case 'ge':
        return `(${cell} ${exact ? '>=' : '>'} ${bound()} AND ${noError})`
    }
  }

  /** The column equals one of the constants; none of them if `negated`. There is at least one. */
  oneOf(scope: Scope<T>, column: number, constants: readonly JsonValue[], negated: boolean): string {
    const cell = cellName(scope, column)
    const floors = constants.map((constant) => this.#dialect.floor(scope.table, column, constant)).filter(({ exact }) => exact)
    if (floors.length === 0) return negated ? this.#noError(scope, column) : FALSE
    const list = floors.map((floor) => this.#params.add(floor.cell)).join(', ')
    return negated ? `(${cell} NOT IN (${list}) AND ${this.#noError(scope, column)})` : `${cell} IN (${list})`
  }

  /** The column is a text that begins so; none such if `negated`. A range, so that an index serves it. */
  prefix(scope: Scope<T>, column: number, start: string, negated: boolean): string {
    const cell = cellName(scope, column)
    const bound = (text: string): string => this.#params.add(this.#dialect.cell(scope.table, column, text))
    const from = bound(start)
    const end = behindAll(start)
    const to = end === null ? this.#dialect.textsEnd : bound(end)
    if (!negated) return `(${cell} >= ${from} AND ${cell} < ${to})`
    return `((${cell} < ${from} OR ${cell} >= ${to}) AND ${this.#noError(scope, column)})`
  }

  /** The row stands strictly behind this place: lexicographic, with the first column's range in front so that an index gives where to begin. */
  after(scope: Scope<T>, terms: readonly PlaceTerm[]): string {
    const bound = terms.map((term) => ({
      cell: cellName(scope, term.column),
      beyond: term.direction === 'asc' ? '>' : '<',
      value: this.#params.add(this.#dialect.cell(scope.table, term.column, term.value)),
    }))
    const [first] = bound
    if (first === undefined) return TRUE
    const condition = bound.reduceRight((rest, { cell, beyond, value }) => {
      const strictly = `${cell} ${beyond} ${value}`
      return rest === '' ? strictly : `(${strictly} OR (${cell} = ${value} AND ${rest}))`
    }, '')
    return bound.length === 1 ? condition : `${first.cell} ${first.beyond}= ${first.value} AND ${condition}`
  }

  #noError(scope: Scope<T>, column: number): string {
    return `${cellName(scope, column)} < ${this.#dialect.errors(scope.table, column)}`
  }
}

/** Comparison of a column with a constant. */
export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'

/** One term of an order with the value at which a page ended. */
export interface PlaceTerm {
  readonly column: number
  readonly direction: OrderTerm['direction']
  readonly value: JsonValue
}

/** Holds for every row. */
export const TRUE = '1=1'
/** Holds for none. */
export const FALSE = '1=0'

/** The cell of a column in SQL. */
export function cellName(scope: Scope, column: number): string {
  return `${scope.alias}.c${column}`
}

/** The least text above all that begin so; null if there is none. */
function behindAll(start: string): string | null {
  const points = Array.from(start)
  while (points.length > 0) {
    const last = must(must(points.pop()).codePointAt(0))
    if (last === 0x10ffff) continue
    // Behind U+D7FF come the surrogates, which are no characters.
    return points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1)
  }
  return null
}
