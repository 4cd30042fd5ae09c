import type { ColumnType } from '@sheetflow/core/type'
import { DecimalLane } from './decimal-lane.ts'
import { GenericLane } from './generic-lane.ts'
import type { Lane } from './lane.ts'
import { NumberLane } from './number-lane.ts'
import type { Pool } from './pool.ts'
import { Records } from './records.ts'
import { TextLane } from './text-lane.ts'
import { TimestampLane } from './timestamp-lane.ts'

/** An empty lane for a type, with fields in those records; they are its own if none are given. */
export function makeLane(type: ColumnType, pool: Pool, records: Records = new Records()): Lane {
  switch (type.type) {
    case 'int':
    case 'double':
    case 'bool':
    case 'date':
    case 'time':
      return new NumberLane({ type: type.type }, pool, records)
    case 'decimal':
      return new DecimalLane(type, pool, records)
    case 'bigint':
      return new DecimalLane({ type: type.type }, pool, records)
    case 'text':
    case 'uuid':
    case 'json':
      return new TextLane(type, pool, records)
    case 'timestamp':
    case 'timestamptz':
      return new TimestampLane({ type: type.type }, pool, records)
    case 'bytes':
    case 'interval':
    case 'list':
      return new GenericLane(type, pool)
  }
}

/** Types whose lanes hold the same values in the same form: a value of one is a value of the other. */
export function sameLane(a: ColumnType, b: ColumnType): boolean {
  if (a.type === 'list' && b.type === 'list') return sameLane(a.of, b.of)
  return a.type === b.type
}
