import { SENT_TYPES } from '@sheetflow/core/sent-type'
import type { ColumnType, ScalarTypeName } from '@sheetflow/core/type'

const SCALARS: readonly ScalarTypeName[] = [...SENT_TYPES, 'interval', 'bytes']

/** Names of types as files write them, for messages. */
export const TYPE_NAMES: readonly string[] = SCALARS

/** `int`, `decimal(12,2)`, …; null if it is no type. */
export function parseTypeName(text: string): ColumnType | null {
  const match = /^(\w+)(?:\((\d+),\s*(\d+)\))?$/.exec(text.trim())
  const name = SCALARS.find((one) => one === match?.[1])
  if (name === undefined) return null
  if (name !== 'decimal') return match?.[2] === undefined ? { type: name } : null
  const [p, s] = [match?.[2], match?.[3]]
  return p === undefined || s === undefined ? { type: 'decimal' } : { type: 'decimal', p: Number(p), s: Number(s) }
}
