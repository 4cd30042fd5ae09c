import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import type { FunctionValueType } from '@sheetflow/core/function-signature'
import { toJson } from '@sheetflow/core/json-codec'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Value } from '@sheetflow/core/value'
import type { FormulaType } from '../bound.ts'
import { VALUE } from '../value/cell-errors.ts'
import { conversion } from '../value/convert.ts'
import type { ExprOf } from './compile-host.ts'

/**
 * What an asynchronous function is asked for, of the values of a call's arguments: JSON by its parameters' types, equal exactly for arguments that are (a
 * decimal has no trailing zeros). An error among them is the answer; of several the first.
 */
export function callArguments({ args, params }: ExprOf<'async'>): (values: readonly Value[]) => readonly JsonValue[] | CellError {
  const readers = params.map((param, i) => argumentReader(args[i]?.type ?? null, param))
  return (values) => {
    const json: JsonValue[] = []
    for (const [i, read] of readers.entries()) {
      const one = read(values[i] ?? null)
      if (isCellError(one)) return one
      json.push(one)
    }
    return json
  }
}

function argumentReader(from: FormulaType | null, { type, nullable }: FunctionValueType): (value: Value) => JsonValue | CellError {
  const convert = conversion(from, type)
  const blank = nullable ? null : zeroOf(type)
  return (value) => {
    if (value === null) return blank
    if (isCellError(value)) return value
    const read = convert === null ? value : convert(value)
    if (isCellError(read)) return read
    const json = toJson(type, read instanceof Decimal ? read.normalize() : read)
    // A value that lies in the blob store is no text that could be sent; errors are handled above.
    return typeof json === 'object' ? VALUE : json
  }
}

/** Blank, where none may be: as Excel reads it. There is no zero of a day, a uuid or the like. */
function zeroOf(type: ColumnType): JsonValue | CellError {
  switch (type.type) {
    case 'text':
      return ''
    case 'int':
    case 'double':
      return 0
    case 'bigint':
    case 'decimal':
      return '0'
    case 'bool':
      return false
    default:
      return VALUE
  }
}
