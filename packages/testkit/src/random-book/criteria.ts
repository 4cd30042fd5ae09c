import type { Random } from '../random.ts'
import type { Kind, KnownColumn } from './known.ts'

/** Constants for columns of each kind. */
const CONSTANTS: Readonly<Record<Kind, readonly string[]>> = {
  number: [
    '2',
    '">1"',
    '"<=2"',
    '"<>2"',
    '"=2"',
    '"2"',
    '""',
    '"<>"',
    '"="',
    '">=0.2"',
    '"#N/A"',
    '1/0',
    '"<11/23/2026"',
    '"2026-11-23"',
    'DATE(2026,11,23)',
    '">=12:00"',
  ],
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
  date: [
    '"2026-11-23"',
    '">=2026-11-23"',
    '"<2026-11-24"',
    '"<>"',
    '"="',
    'DATE(2026,11,23)',
    '"<>2026-11-22"',
    '46349',
    '"46349"',
    '"<=46349"',
    '">46348.5"',
    '"<>46349.0"',
    '">"&0',
    '20780',
    '"<12:30"',
  ],
}
const TIMES = [
  '"12:30"',
  '">=12:30"',
  '"<>0:00"',
  '">0.5"',
  '0',
  '"0"',
  '"<"&0.5',
  '46349',
  '"<46349"',
  '"12:30:00"',
  '">11/23/2026"',
  '"="',
]

/** What a column is asked for: a constant, a value of the row, bounds by it, patterns made of it. Numbers, dates and times ask for each other. */
export function criterionOf(random: Random, { type }: KnownColumn, row: readonly KnownColumn[], write: (kind: Kind) => string): string {
  const own = kindOf(type.type)
  if (own === null && type.type !== 'time') return random.pick(['"<>"', '"="', '""'])
  if (row.length === 0 || random.chance(0.3)) return random.pick(own === null ? TIMES : CONSTANTS[own])
  const hasSerials = own === null || own === 'number' || own === 'date'
  const value = hasSerials && (own === null || random.chance(0.2)) ? withSerial(random, row, write) : write(own ?? 'number')
  const kind = own ?? 'number'
  if (random.chance(0.45)) return value
  if (kind === 'bool') return value
  const sign = random.pick(['>', '>=', '<', '<=', '<>', '='])
  if (kind !== 'text' || random.chance(0.4)) return `"${sign}"&${value}`
  return random.pick([`${value}&"*"`, `"*"&${value}&"*"`, `LEFT(${value},1)&"*"`, `"?"&${value}`, `"<>"&${value}&"*"`, `"="&${value}&"?"`])
}

/** A number that may be the serial number of a day, a day, a time. */
export function withSerial(random: Random, row: readonly KnownColumn[], write: (kind: Kind) => string): string {
  const times = row.filter((column) => column.type.type === 'time').map(({ name }) => `[@${name}]`)
  return random.pick([
    () => write('date'),
    () => write('number'),
    () => `INT(${write('date')})`,
    () => `(${write('date')}*1+${random.pick(['0', '0.5', '1', '1/3'])})`,
    () => `MOD(${write('date')},1)`,
    () => random.pick(times.length > 0 ? times : ['TIME(12,30,0)']),
  ])()
}

function kindOf(type: string): Kind | null {
  if (['int', 'bigint', 'decimal', 'double'].includes(type)) return 'number'
  if (type === 'text' || type === 'uuid') return 'text'
  if (type === 'bool') return 'bool'
  return ['date', 'timestamp', 'timestamptz'].includes(type) ? 'date' : null
}
