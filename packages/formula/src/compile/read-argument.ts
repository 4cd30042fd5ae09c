import { isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../bound.ts'
import type { Parameter } from '../functions/definition.ts'
import { textReader } from '../value/general-text.ts'
import { firstOf, Grid, type FormulaValue } from '../value/grid.ts'
import type { Lane } from '../value/lane.ts'
import { numbersReader, textsReader, valuesReader } from '../value/list-readers.ts'
import { operandReader } from '../value/operand-reader.ts'
import { boolReader, integerReader, laneReader, momentReader } from '../value/readers.ts'

/** An argument's value as its parameter wants it, or the error that ends the call. */
export type Read = (value: FormulaValue) => unknown

/** Reads arguments of a static type for a parameter (`ParameterKind` says how); `lane` is that of the call. */
export function argumentReader(parameter: Parameter | undefined, type: ExprType, lane: Lane): Read {
  switch (parameter?.kind) {
    case 'number':
      return ofOne(operandReader(type, lane))
    case 'real':
      return ofOne(laneReader(type.type, 'double'))
    case 'integer':
      return ofOne(integerReader(type.type))
    case 'text':
      return ofOne(textReader(type.type))
    case 'bool':
      return ofOne(boolReader(type.type))
    case 'moment':
      return ofOne(momentReader(type.type))
    case 'numbers':
      return numbersReader(type, lane)
    case 'reals':
      return numbersReader(type, 'double')
    case 'values':
      return valuesReader(type)
    case 'texts':
      return textsReader(type)
    case 'array':
    case 'column':
    case 'rows':
    case 'condition':
      return arrayReader(type)
    default:
      return firstOf
  }
}

function ofOne(read: (value: Value) => unknown): Read {
  return (value) => (value instanceof Grid ? read(value.at(0, 0)) : read(value))
}

/** The array, its cells in the form of their static type; one value is an array of one cell. An error for the whole ends the call. */
function arrayReader({ array }: ExprType): Read {
  if (array === true) return (value) => value
  return (value) => (value instanceof Grid || isCellError(value) ? value : Grid.one(value))
}
