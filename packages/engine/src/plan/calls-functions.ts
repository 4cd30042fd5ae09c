import type { BoundGraph, Expr } from '@sheetflow/formula/bound'
import { partsOf } from '@sheetflow/formula/expr-parts'
import { rowsInputs } from '@sheetflow/formula/rows-inputs'

/** What an expression calls. */
interface Asks {
  /** A function at all. */
  readonly any: boolean
  /** One for which the whole formula waits. */
  readonly holding: boolean
}

const NONE: Asks = { any: false, holding: false }

/** What is known of a node stays known: names of LETs make a formula's parts many times over. */
const ASKS = new WeakMap<Expr, Asks>()

function asks(expr: Expr): Asks {
  const known = ASKS.get(expr)
  if (known !== undefined) return known
  const own = expr.kind === 'async' ? { any: true, holding: expr.onPending === 'hold' } : NONE
  const found = partsOf(expr)
    .map(asks)
    .reduce((a, b) => ({ any: a.any || b.any, holding: a.holding || b.holding }), own)
  ASKS.set(expr, found)
  return found
}

/** Does it call an asynchronous function? */
export function callsFunctions(expr: Expr): boolean {
  return asks(expr).any
}

/** Does it call one that holds? Then the whole formula waits for it. */
export function holdsFormula(expr: Expr): boolean {
  return asks(expr).holding
}

/** Does any formula of the graph call one? */
export function graphCallsFunctions({ sheets }: BoundGraph): boolean {
  return sheets.some(({ rows, columns }) => {
    const steps = rowsInputs(rows).flatMap((input) => input.steps)
    return (
      steps.some((step) => step.kind === 'filter' && asks(step.where).any) ||
      columns.some(({ formula }) => formula !== undefined && asks(formula).any)
    )
  })
}
