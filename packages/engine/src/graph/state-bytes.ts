import type { RunningOperator } from '../operators/relation.ts'
import type { Pool } from '../state/pool.ts'
import type { SourceTables } from './source-tables.ts'

/** About how much memory a state takes, and what takes how much. */
export interface StateBytes {
  readonly total: number
  /** `of`: `table shop!public.orders`, `sheet sales.customers`, `aggregate shop!public.orders by [customer]`, `texts`; the largest first, none that takes nothing. */
  readonly parts: readonly { readonly of: string; readonly bytes: number }[]
}

/**
 * The state of these tables and operators: rows, keys and indexes by the buffers that they lie in, texts by their letters. What JavaScript adds to them is
 * estimated; what is needed for a step alone is not in it.
 */
export function stateBytes(tables: SourceTables, pool: Pool, operators: readonly RunningOperator[]): StateBytes {
  const parts = [
    ...[...tables.all()].map(({ id, rows }) => ({ of: `table ${id}`, bytes: rows.bytes })),
    ...operators.map(({ kind, on, bytes = 0 }) => ({ of: `${kind} ${on}`, bytes })),
    { of: 'texts', bytes: pool.bytes },
  ].filter(({ bytes }) => bytes > 0)
  return { total: parts.reduce((sum, { bytes }) => sum + bytes, 0), parts: parts.toSorted((a, b) => b.bytes - a.bytes) }
}
