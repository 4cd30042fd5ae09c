import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { isNumber, type AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../bound.ts'
import { NUM, VALUE } from '../value/cell-errors.ts'
import type { Lane } from '../value/lane.ts'
import { serialFromText } from '../value/number-text.ts'
import { integerReader, laneReader, type Reader } from '../value/readers.ts'
import { ANY } from '../value/type-rules.ts'
import { parameterOf, type CallTypes, type FunctionDefinition, type ParameterKind } from './definition.ts'

const NUMERIC: ReadonlySet<ParameterKind> = new Set(['number', 'real', 'integer', 'moment'])

/**
 * A function that came to Excel with the Analysis ToolPak. These do not read TRUE and FALSE as numbers: `EDATE([@date], TRUE)` is `#VALUE!`, and where types
 * are known before anything runs an error in the formula.
 */
export function toolpak(definition: FunctionDefinition): FunctionDefinition {
  const { evaluation, result } = definition
  if (evaluation.mode !== 'strict') return definition
  const refused = ({ args }: CallTypes): number =>
    args.findIndex(({ type }, index) => type?.type === 'bool' && NUMERIC.has(parameterOf(definition, index)?.kind ?? 'value'))
  return {
    ...definition,
    result: (types) => {
      const index = types.dynamic === true ? -1 : refused(types)
      return index < 0 ? result(types) : { problem: 'a number or date is needed here, not boolean', argument: index }
    },
    evaluation: { mode: 'strict', make: (types) => (refused(types) < 0 ? evaluation.make(types) : () => VALUE) },
  }
}

/**
 * Reads a number as those of them do that read their arguments themselves (QUOTIENT, MROUND, GCD, MULTINOMIAL, …: their parameters are of kind `value`): as
 * `laneReader`, but for a boolean.
 */
export function numberButNoBoolean(arg: ExprType | undefined, lane: Lane): Reader<AnyNumber> {
  const read = laneReader(arg?.type ?? null, lane)
  return (value) => (typeof value === 'boolean' ? VALUE : read(value))
}

const readInteger = integerReader(ANY)

/** The whole numbers among values of kind `values`, cut off, as those functions read lists: Blank is left out, negative numbers are `#NUM!`. */
export function wholeNumbers(values: readonly Value[]): readonly number[] | CellError {
  const found: number[] = []
  for (const value of values) {
    if (value === null) continue
    const number = typeof value === 'string' ? (serialFromText(value) ?? VALUE) : value
    if (isCellError(number)) return number
    if (!isNumber(number)) return VALUE
    const whole = readInteger(number)
    if (isCellError(whole)) return whole
    if (whole < 0) return NUM
    found.push(whole)
  }
  return found
}
