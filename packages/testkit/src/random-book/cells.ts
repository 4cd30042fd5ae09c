import type { ColumnSchema } from '@sheetflow/core/schema'
import type { ColumnType, ScalarTypeName } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'
import type { Random } from '../random.ts'

/** Few values of each type, so that they meet: nasty ones, and some that are equal in two forms. */
const VALUES: Readonly<Record<ScalarTypeName, readonly JsonValue[]>> = {
  bool: [true, false],
  int: [-3, 0, 1, 1, 2, 2, 3, 5, 7, 46_349, 2_147_483_647],
  bigint: ['-2', '0', '1', '2', '3', '7', '9007199254740993'],
  decimal: ['-1.50', '0.00', '0.10', '0.20', '1.00', '2.00', '2.50', '7.00', '99999999999.99'],
  double: [-0.5, 0, 0.1, 0.2, 0.3, 1, 2, 7, 46_348.5, 1e21, 5e-324],
  text: ['', 'a', 'A', 'ab', 'aB', 'b', 'B', 'ba', '7', '2', '2.0', '>1', '<>a', 'a*', 'a?', '~', 'ß', 'é', '𐐀', 'TRUE', '#N/A'],
  bytes: ['', 'AQ==', 'AQI='],
  date: ['2026-11-20', '2026-11-22', '2026-11-23', '2026-11-24', '0001-01-01', '2024-02-29'],
  time: ['00:00:00.000000', '12:30:00.000000', '23:59:59.999999'],
  interval: ['P1D', 'P1M', 'PT1H'],
  timestamp: ['2026-11-22T00:00:00.000000', '2026-11-23T00:00:00.000000', '2026-11-23T10:15:30.500000', '1999-12-31T23:59:59.999999'],
  timestamptz: ['2026-11-22T23:00:00.000000Z', '2026-11-23T00:00:00.000000Z', '2026-11-23T10:15:30.000000Z', '2026-07-01T12:00:00.000000Z'],
  uuid: ['00000000-0000-0000-0000-000000000001', 'a0000000-0000-0000-0000-00000000000f'],
  json: ['{"a":1}', '[]', '7'],
}

/** Kinds of columns that formulas can do most with come often. */
const TYPES: readonly ColumnType[] = [
  { type: 'int' },
  { type: 'int' },
  { type: 'bigint' },
  { type: 'decimal', p: 14, s: 2 },
  { type: 'decimal', p: 14, s: 2 },
  { type: 'double' },
  { type: 'text' },
  { type: 'text' },
  { type: 'text' },
  { type: 'bool' },
  { type: 'date' },
  { type: 'date' },
  { type: 'time' },
  { type: 'timestamp' },
  { type: 'timestamptz' },
]
const RARE: readonly ColumnType[] = [{ type: 'uuid' }, { type: 'json' }, { type: 'bytes' }, { type: 'interval' }]

export function someType(random: Random): ColumnType {
  return random.pick(random.chance(0.07) ? RARE : TYPES)
}

const ERRORS: readonly JsonValue[] = [{ e: '#N/A' }, { e: '#DIV/0!' }]

/** A cell of a column; a key is never Blank and no error. */
export function someCell(random: Random, column: ColumnSchema, isKey: boolean): JsonValue {
  if (!isKey && column.null && random.chance(0.12)) return null
  if (!isKey && random.chance(0.03)) return random.pick(ERRORS)
  if (column.type === 'list') return []
  return random.pick(VALUES[column.type])
}

/** Keys of a table: few, so that rows come, go and come again. */
export function someKey(random: Random, columns: readonly ColumnSchema[]): JsonValue[] {
  return columns.map((column) => {
    if (column.type === 'int') return random.between(1, columns.length > 1 ? 3 : 9)
    if (column.type === 'bigint') return random.pick(['1', '2', '3', '4', '5', '6', '9007199254740993'])
    if (column.type === 'text') return random.pick(columns.length > 1 ? ['a', 'A', 'b'] : ['a', 'A', 'ab', 'b', 'B', '7', '', 'ß'])
    return someCell(random, column, true)
  })
}
