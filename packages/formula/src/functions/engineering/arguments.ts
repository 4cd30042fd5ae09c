import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { ExprType, FormulaType } from '../../bound.ts'
import { parseComplex, type Complex } from '../../numeric/complex/complex.ts'
import { NUM, VALUE } from '../../value/cell-errors.ts'
import { conversion } from '../../value/convert.ts'
import { textReader } from '../../value/general-text.ts'
import type { FormulaValue } from '../../value/grid.ts'
import { integerReader, laneReader, type Reader } from '../../value/readers.ts'
import { ANY } from '../../value/type-rules.ts'
import type { CallTypes, Example, FunctionDefinition, Parameter, StrictTypes } from '../definition.ts'

/**
 * How functions of the category Engineering read their arguments: as other functions do, but TRUE and FALSE are no numbers to them (Excel: `#VALUE!`). Their
 * parameters are of kind `value`, read here.
 */
export type ArgumentReader<T> = (type: FormulaType | null) => Reader<T>

/** The same, for which TRUE and FALSE are no numbers. */
export function withoutBooleans<T>(make: ArgumentReader<T>): ArgumentReader<T> {
  return (type) => {
    const read = make(type)
    return (value) => (typeof value === 'boolean' ? VALUE : read(value))
  }
}

export const REAL: ArgumentReader<number> = withoutBooleans((type) => laneReader(type, 'double') as Reader<number>)
export const WHOLE: ArgumentReader<number> = withoutBooleans(integerReader)
export const TEXT: ArgumentReader<string> = textReader
/** The digits of a number in another system: a text, or a number as it is written. */
export const DIGITS: ArgumentReader<string> = withoutBooleans(textReader)

/** `"3+4i"`, or a real number. */
export const COMPLEX: ArgumentReader<Complex> = (type) => {
  const convert = conversion(type, ANY)
  return (value) => complexOf(convert === null ? value : convert(value))
}

/** A complex number of a value of any kind; Blank is 0. */
export function complexOf(value: Value): Complex | CellError {
  if (value === null) return { re: 0, im: 0, unit: null }
  if (isNumber(value)) return { re: toDecimal(value).toNumber(), im: 0, unit: null }
  if (typeof value === 'string') return parseComplex(value) ?? NUM
  return isCellError(value) ? value : VALUE
}

/** A parameter and how its argument is read. */
export interface Argument<T> {
  readonly name: string
  readonly read: ArgumentReader<T>
  /** Stands for an argument that is left out. */
  readonly otherwise?: T
}

type ValuesOf<A extends readonly Argument<unknown>[]> = { readonly [I in keyof A]: A[I] extends Argument<infer T> ? T : never }

/** What of a definition is particular to one function. */
export interface Particulars<A extends readonly Argument<unknown>[]> {
  readonly name: string
  readonly help: string
  readonly args: A
  readonly result: FunctionDefinition['result']
  /** Makes the function of the arguments that were read. */
  readonly make: (types: StrictTypes) => (...values: ValuesOf<A>) => FormulaValue
  readonly examples: readonly Example[]
}

/** A function that reads its arguments by readers of its own; the first error is the result. */
export function engineering<const A extends readonly Argument<unknown>[]>(particulars: Particulars<A>): FunctionDefinition {
  const { name, help, args, result, make, examples } = particulars
  return {
    name,
    category: 'engineering',
    help,
    params: args.map(parameterOf),
    result,
    evaluation: {
      mode: 'strict',
      make: (types) => {
        const run = make(types)
        const reads = readersOf(args, types)
        return (...raw: readonly Value[]): FormulaValue => {
          const values: unknown[] = []
          for (const [index, read] of reads.entries()) {
            const value = read(raw[index] ?? null)
            if (isCellError(value)) return value
            values.push(value)
          }
          return run(...(values as unknown as ValuesOf<A>))
        }
      },
    },
    volatility: 'pure',
    examples,
  }
}

function parameterOf({ name, otherwise }: Argument<unknown>): Parameter {
  return otherwise === undefined ? { name, kind: 'value' } : { name, kind: 'value', optional: true }
}

function readersOf(args: readonly Argument<unknown>[], types: CallTypes): readonly Reader<unknown>[] {
  return args.map(({ read, otherwise }, index) => {
    const type: ExprType | undefined = types.args[index]
    return type === undefined ? () => otherwise : read(type.type)
  })
}
