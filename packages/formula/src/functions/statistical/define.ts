import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { realForm } from '../../value/real.ts'
import type { Example, FunctionDefinition, Parameter, StrictMaker } from '../definition.ts'
import { real } from '../results.ts'

/** A formula and what it gives, as in `Example`. */
export type Shown = readonly [formula: string, result: string]

/** What functions in doubles compute: no finite number stands for `#NUM!`. */
export type Compute = (...args: never[]) => number | CellError

/** A function of this category. */
export function statistic(
  definition: Omit<FunctionDefinition, 'category' | 'volatility' | 'examples'>,
  ...examples: readonly Shown[]
): FunctionDefinition {
  return { ...definition, category: 'statistical', volatility: 'pure', examples: examples.map(exampleOf) }
}

function exampleOf([formula, result]: Shown): Example {
  return { formula, result }
}

/** Makes a function of one that computes in doubles. */
export function inDoubles(compute: Compute): StrictMaker {
  return ({ result }) => {
    const form = realForm(result)
    return (...args: never[]) => {
      const found = compute(...args)
      return isCellError(found) ? found : form(found)
    }
  }
}

/** A function computed in doubles. */
export function realStatistic(
  name: string,
  help: string,
  params: readonly Parameter[],
  compute: Compute,
  ...examples: readonly Shown[]
): FunctionDefinition {
  return statistic({ name, help, params, result: real, evaluation: { mode: 'strict', make: inDoubles(compute) } }, ...examples)
}

/** The same function by another name of Excel's, as a rule an older one. */
export function alias(name: string, of: FunctionDefinition): FunctionDefinition {
  const renamed = of.examples.map(({ formula, result }) => ({ formula: formula.replaceAll(`${of.name}(`, `${name}(`), result }))
  return { ...of, name, help: `As ${of.name}, by its older name.`, examples: renamed }
}

/** A parameter read as a double. */
export function realParameter(name: string): Parameter {
  return { name, kind: 'real' }
}

/** A parameter cut off to a whole number. */
export function wholeParameter(name: string): Parameter {
  return { name, kind: 'integer' }
}

/** TRUE for the cumulated probability, FALSE for the density. */
export const CUMULATIVE: Parameter = { name: 'cumulative', kind: 'bool' }
export const X: Parameter = realParameter('x')
export const PROBABILITY: Parameter = realParameter('probability')
