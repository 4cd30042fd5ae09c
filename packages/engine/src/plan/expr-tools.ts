import { valueKey } from '@sheetflow/core/key'
import type { Expr } from '@sheetflow/formula/bound'
import { needsBudget } from '@sheetflow/formula/compile/metered'
import { partsOf } from '@sheetflow/formula/expr-parts'

/**
 * Text that is equal exactly for expressions that compute the same in the same way: what formulas share is found by it. It lists the different parts of the
 * expression, each once, however often they stand there. A name of LET is its value, so that a formula with names is equal to one that is written out;
 * but not where steps are counted, since what is computed once spends less of its budget.
 */
export function exprKey(expr: Expr): string {
  const parts = new Parts()
  parts.number(expr)
  return parts.text()
}

/** The different parts of one expression by what they say, each behind those that it is made of. */
class Parts {
  readonly #numbers = new Map<string, number>()
  readonly #known = new Map<Expr, number>()
  readonly #values = new Map<number, Expr>()

  text(): string {
    return [...this.#numbers.keys()].join('\n')
  }

  number(expr: Expr): number {
    const known = this.#known.get(expr)
    if (known !== undefined) return known
    const number = this.#find(expr)
    this.#known.set(expr, number)
    return number
  }

  #find(expr: Expr): number {
    if (expr.kind === 'let') {
      this.#values.set(expr.slot, expr.value)
      return needsBudget(expr.value) ? this.#named(`let(${this.number(expr.value)},${this.number(expr.body)})`) : this.number(expr.body)
    }
    if (expr.kind === 'local') {
      const value = this.#values.get(expr.slot)
      if (value === undefined) return this.#named(`$${expr.slot}`)
      const number = needsBudget(value) ? this.#named(`name(${this.number(value)})`) : this.number(value)
      return value.unrounded === true && expr.unrounded !== true ? this.#named(`rounded(${number})`) : number
    }
    const inner = partsOf(expr).map((part) => this.number(part))
    return this.#named(`${ownText(expr)}(${inner.join()})`)
  }

  #named(text: string): number {
    const number = this.#numbers.get(text) ?? this.#numbers.size
    this.#numbers.set(text, number)
    return number
  }
}

/** What a node says itself, its parts left out. */
function ownText(expr: Exclude<Expr, { kind: 'let' | 'local' }>): string {
  switch (expr.kind) {
    case 'const':
      return `=${JSON.stringify([expr.type, valueKey(expr.value)])}`
    case 'grid':
      return `{${JSON.stringify([expr.type, expr.grid.rows, expr.grid.cells.map(valueKey)])}}`
    case 'column':
      return `[${expr.column}]`
    case 'columns':
      return `columns${JSON.stringify([expr.relation, expr.columns])}`
    case 'over':
      return `${expr.fn}<${JSON.stringify(expr.inputs)};$${expr.slots.join('$')}>`
    case 'call':
      return `${expr.fn}<${JSON.stringify(expr.type)}${expr.unrounded === true ? ';unrounded' : ''}>`
    case 'lookup':
      return `lookup${JSON.stringify([expr.relation, expr.key, expr.result, expr.mode, expr.missing !== null])}`
    case 'aggregate':
      return `${expr.fn}${JSON.stringify([expr.relation, expr.column, expr.criteria.map(({ column, op }) => [column, op])])}`
    case 'named':
      return `named${JSON.stringify([expr.view, expr.column])}`
    case 'async':
      return `${expr.fn}!${JSON.stringify([expr.version, expr.params, expr.type, expr.nullable, expr.onPending])}`
    case 'clock':
      // The word stays what it was: checkpoints keep hashes of views that it stands in.
      return `today${JSON.stringify([expr.workbook, expr.unit])}`
  }
}
