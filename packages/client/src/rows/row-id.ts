import type { KeyJson } from '@sheetflow/core/message'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'

/**
 * A key as text. Answers carry keys as texts (`_key: [String!]!`), publications in JSON form (`[42]`): both give the same text.
 */
export function rowId(key: KeyJson): string {
  return JSON.stringify(key.map((part) => (part === null || typeof part === 'object' ? part : String(part))))
}

/** A key in JSON form, from the texts of `_key`. */
export function keyFromTexts(types: readonly ColumnType[], texts: KeyJson): KeyJson {
  return texts.map((text, i) => (typeof text === 'string' ? partFromText(types[i], text) : text))
}

function partFromText(type: ColumnType | undefined, text: string): JsonValue {
  if (type?.type === 'int' || type?.type === 'double') return Number(text)
  if (type?.type === 'bool') return text === 'true'
  return text
}
