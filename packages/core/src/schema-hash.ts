import { stableJson } from './json-text.ts'
import type { ColumnSchema } from './schema.ts'
import { sha256Hex } from './sha256.ts'

/** Hash of a table's shape: equal key and columns (names, ids, types, order, null, source types), equal hash. 32 hex digits. */
export function schemaHash(key: readonly string[], columns: readonly ColumnSchema[]): string {
  return sha256Hex(stableJson({ key, columns })).slice(0, 32)
}
