import { must } from '@sheetflow/core/assert'
import type { ColumnSchema, TableSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'
import type { Random } from '../random.ts'
import type { CaseTable } from './case.ts'
import { someType } from './cells.ts'

const KEYS: readonly (readonly ColumnType[])[] = [
  [{ type: 'int' }],
  [{ type: 'int' }],
  [{ type: 'bigint' }],
  [{ type: 'text' }],
  [{ type: 'uuid' }],
  [{ type: 'int' }, { type: 'text' }],
  [{ type: 'text' }, { type: 'date' }],
]

const NAMES = ['shop!public.orders', 'shop!public.customers', 'crm!public.contacts', 'shop!public.items']

/** Two to four tables of two sources. Names of columns say their type, and are the same in several tables. */
export function someTables(random: Random): CaseTable[] {
  const shared = random.pick(KEYS)
  return NAMES.slice(0, random.between(2, NAMES.length)).map((id): CaseTable => {
    const key = random.chance(0.5) ? shared : random.pick(KEYS)
    const names = new Set<string>()
    const columns = [...key, ...Array.from({ length: random.between(3, 7) }, () => someType(random))].map((type, i): ColumnSchema => {
      const isKey = i < key.length
      const name = freeName(isKey ? `k${i}` : letterOf(type), names)
      return { ...type, name, id: i + 1, null: !isKey && random.chance(0.85) }
    })
    return { id, schema: schemaOf(id, 1, columns, key.length) }
  })
}

function freeName(letter: string, names: Set<string>): string {
  let name = letter
  for (let i = 2; names.has(name); i++) name = `${letter}${i}`
  names.add(name)
  return name
}

function letterOf({ type }: ColumnType): string {
  return (
    { int: 'n', bigint: 'big', decimal: 'money', double: 'x', text: 'name', timestamp: 'at', timestamptz: 'moment' }[type as 'int'] ?? type
  )
}

function schemaOf(id: string, schema: number, columns: readonly ColumnSchema[], keys: number): TableSchema {
  const key = columns.slice(0, keys).map((column) => column.name)
  return { v: 1, table: must(id.split('!')[1]), schema, hash: JSON.stringify([key, columns]), key, columns }
}

/** A column comes, goes, or is called differently. Null: there is nothing that can go. */
export function changedSchema(random: Random, { id, schema }: CaseTable, newest: number): TableSchema | null {
  const { columns, key } = schema
  const others = columns.filter((column) => !key.includes(column.name))
  const kind = random.pick(['add', 'drop', 'drop', 'rename'])
  const made = (next: readonly ColumnSchema[]): TableSchema => schemaOf(id, newest + 1, next, key.length)
  if (kind === 'add') {
    const type = someType(random)
    const taken = new Set(columns.map((column) => column.name))
    // An id is never used again, by whatever came and went.
    return made([...columns, { ...type, name: freeName(letterOf(type), taken), id: 100 + newest, null: true }])
  }
  if (others.length < 2) return null
  const chosen = random.pick(others)
  if (kind === 'drop') return made(columns.filter((column) => column !== chosen))
  const name = `${chosen.name}_${newest}`
  return made(columns.map((column) => (column === chosen ? { ...column, name } : column)))
}
