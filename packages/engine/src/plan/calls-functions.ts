import type { BoundGraph } from '@sheetflow/formula/bound'
import { rowsInputs } from '@sheetflow/formula/rows-inputs'
import { callsFunctions } from './expr-facts.ts'

/** Does any formula of the graph call an asynchronous function? */
export function graphCallsFunctions({ sheets }: BoundGraph): boolean {
  return sheets.some(({ rows, columns }) => {
    const steps = rowsInputs(rows).flatMap((input) => input.steps)
    return (
      steps.some((step) => step.kind === 'filter' && callsFunctions(step.where)) ||
      columns.some(({ formula }) => formula !== undefined && callsFunctions(formula))
    )
  })
}
