import type { JsonValue } from '@sheetflow/core/value'
import { isUnchanged } from '@sheetflow/core/json-special'

/**
 * One streamed change as chunks need it. Keys are exact key text (`RowEncoder.keyText`). `row` is the change's JSON text if columns were not sent
 * with it, else null: a full row is on the bus already.
 */
export type StreamedChange =
  | { readonly op: 'truncate' }
  | { readonly op: 'delete'; readonly key: string }
  | { readonly op: 'create'; readonly key: string; readonly row: string | null }
  | { readonly op: 'update'; readonly old: string; readonly key: string; readonly row: string | null }

/** About how much memory it holds. */
export function changeBytes(change: StreamedChange): number {
  switch (change.op) {
    case 'truncate':
      return 32
    case 'delete':
      return 64 + change.key.length
    case 'create':
      return 64 + change.key.length + (change.row?.length ?? 0)
    case 'update':
      return 64 + change.key.length + change.old.length + (change.row?.length ?? 0)
  }
}

type ParsedRow = [op: string, key: JsonValue, after: JsonValue[], before: null]

/** The snapshot row (`r`) that an update makes of `base`: its columns that were not sent are the base's. Both are JSON texts of a RowChange. */
export function mergeRow(update: string, base: string): string {
  const [, key, after] = JSON.parse(update) as ParsedRow
  const [, , known] = JSON.parse(base) as ParsedRow
  const filled = after.map((value, i) => (isUnchanged(value) ? (known[i] ?? null) : value))
  return JSON.stringify(['r', key, filled, null])
}
