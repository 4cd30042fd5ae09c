import type { Random } from '../random.ts'
import type { Kind, KnownColumn } from './known.ts'

/** Constants for columns of each kind. */
const CONSTANTS: Readonly<Record<Kind, readonly string[]>> = {
  number: ['2', '">1"', '"<=2"', '"<>2"', '"=2"', '"2"', '""', '"<>"', '"="', '">=0.2"', '"#N/A"', '1/0'],
  text: [
    '"a"',
    '"a*"',
    '"?"',
    '"<>a"',
    '"<>a*"',
    '"*b"',
    '""',
    '"<>"',
    '"="',
    '"~*"',
    '"a~*"',
    '">a"',
    '"<=b"',
    '"7"',
    '2',
    '">1"',
    '"#N/A"',
    '"=A"',
    '"TRUE"',
  ],
  bool: ['TRUE', '"TRUE"', '"<>FALSE"', '"="'],
  date: ['"2026-11-23"', '">=2026-11-23"', '"<2026-11-24"', '"<>"', '"="', 'DATE(2026,11,23)', '"<>2026-11-22"'],
}

/** What a column is asked for: a constant, a value of the row, bounds by it, patterns made of it. */
export function criterionOf(random: Random, { type }: KnownColumn, row: readonly KnownColumn[], write: (kind: Kind) => string): string {
  const kind = kindOf(type.type)
  if (kind === null) return random.pick(['"<>"', '"="', '""'])
  if (row.length === 0 || random.chance(0.3)) return random.pick(CONSTANTS[kind])
  const value = write(kind)
  if (random.chance(0.45)) return value
  if (kind === 'bool') return value
  const sign = random.pick(['>', '>=', '<', '<=', '<>', '='])
  if (kind !== 'text' || random.chance(0.4)) return `"${sign}"&${value}`
  return random.pick([`${value}&"*"`, `"*"&${value}&"*"`, `LEFT(${value},1)&"*"`, `"?"&${value}`, `"<>"&${value}&"*"`, `"="&${value}&"?"`])
}

function kindOf(type: string): Kind | null {
  if (['int', 'bigint', 'decimal', 'double'].includes(type)) return 'number'
  if (type === 'text' || type === 'uuid') return 'text'
  if (type === 'bool') return 'bool'
  return ['date', 'timestamp', 'timestamptz'].includes(type) ? 'date' : null
}
