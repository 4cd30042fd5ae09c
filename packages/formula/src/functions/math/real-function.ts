import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { realForm } from '../../value/real.ts'
import type { Example, FunctionDefinition } from '../definition.ts'
import { real } from '../results.ts'

/** A function of one number that is computed in doubles; no finite number becomes `#NUM!`. */
export function realFunction(
  name: string,
  help: string,
  compute: (number: number) => number | CellError,
  examples: readonly Example[],
): FunctionDefinition {
  return {
    name,
    category: 'math',
    help,
    params: [{ name: 'number', kind: 'real' }],
    result: real,
    evaluation: {
      mode: 'strict',
      make: ({ result }) => {
        const form = realForm(result)
        return (number: number) => {
          const computed = compute(number)
          return isCellError(computed) ? computed : form(computed)
        }
      },
    },
    volatility: 'pure',
    examples,
  }
}
