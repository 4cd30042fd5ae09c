import type { CellError } from '@sheetflow/core/cell-error'
import { NUM } from '../../value/cell-errors.ts'
import { realForm } from '../../value/real.ts'
import type { Example, FunctionDefinition, Parameter } from '../definition.ts'
import { real } from '../results.ts'

/** A financial function: `run` computes in doubles; null and what is no finite number are `#NUM!`. */
interface Financial {
  readonly name: string
  readonly help: string
  readonly params: readonly Parameter[]
  readonly repeat?: number
  readonly run: (...args: never[]) => number | CellError | null
  readonly examples: readonly Example[]
}

/** Makes the definition of a function that gives an amount, a rate or a number of periods. */
export function financial({ run, ...definition }: Financial): FunctionDefinition {
  const compute = run as (...args: readonly unknown[]) => number | CellError | null
  return {
    ...definition,
    category: 'financial',
    result: real,
    evaluation: {
      mode: 'strict',
      make: ({ result }) => {
        const form = realForm(result)
        return (...args: readonly unknown[]) => {
          const value = compute(...args)
          return typeof value === 'number' ? form(value) : (value ?? NUM)
        }
      },
    },
    volatility: 'pure',
  }
}

/** A parameter that is read as a double. */
export function amount(name: string): Parameter {
  return { name, kind: 'real' }
}

/** A parameter that is a whole number, cut off. */
export function whole(name: string): Parameter {
  return { name, kind: 'integer' }
}

/** A parameter that is a day. */
export function day(name: string): Parameter {
  return { name, kind: 'moment' }
}

/** May be left out. */
export function optional(parameter: Parameter, fallback: number | boolean): Parameter {
  return { ...parameter, optional: true, fallback }
}

/** The convention by which days are counted, US 30/360 if it is left out. */
export const BASIS: Parameter = optional(whole('basis'), 0)
