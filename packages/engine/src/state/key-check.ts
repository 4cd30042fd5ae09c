import { isJsonOf } from '@sheetflow/core/json-codec'
import { isUnchanged } from '@sheetflow/core/json-special'
import type { KeyJson } from '@sheetflow/core/message'
import type { ColumnSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'

/** Is this the key of a row of a table with these key columns? */
export function keyCheck(columns: readonly ColumnSchema[]): (key: KeyJson) => boolean {
  const checks = columns.map(partCheck)
  const [only] = checks
  if (checks.length === 1 && only !== undefined) return (key) => key.length === 1 && only(key[0] as JsonValue)
  return (key) => key.length === checks.length && checks.every((check, i) => check(key[i] as JsonValue))
}

const WHOLE = /^(0|-?[1-9]\d*)$/

function partCheck(type: ColumnSchema): (json: JsonValue) => boolean {
  switch (type.type) {
    case 'int':
      return (json) => Number.isSafeInteger(json) || isOther(type, json)
    case 'bigint':
      return (json) => (typeof json === 'string' ? WHOLE.test(json) : isOther(type, json))
    default:
      return (json) => isOther(type, json)
  }
}

function isOther(type: ColumnSchema, json: JsonValue): boolean {
  if (json === null) return type.null
  if (isUnchanged(json)) return false
  try {
    return isJsonOf(type, json)
  } catch {
    // An item of a list.
    return false
  }
}
