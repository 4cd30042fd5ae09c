import { SheetflowError } from '@sheetflow/core/errors'
import type { KeyJson } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import type { PostgresAddress } from './session/connect.ts'
import { connectSql, sourceError } from './session/connect.ts'
import { quoteName, quoteTable } from './session/sql-text.ts'

/** Has the database a row with this key now? False too where the table is gone. `source/unreachable`, `source/auth`, `source/not-ready`. */
export async function hasRow(
  address: PostgresAddress,
  schema: Pick<TableSchema, 'table' | 'key' | 'columns'>,
  key: KeyJson,
): Promise<boolean> {
  const conditions = schema.key.map((name, i) => `${quoteName(name)} = $${i + 1}`)
  const values = schema.key.map((name, i) => textOf(schema.columns.find((column) => column.name === name)?.type, key[i] ?? null))
  const client = await connectSql(address)
  try {
    const { rowCount } = await client.query(`SELECT 1 FROM ${quoteTable(schema.table)} WHERE ${conditions.join(' AND ')} LIMIT 1`, values)
    return (rowCount ?? 0) > 0
  } catch (error) {
    const coded = sourceError(error)
    if (coded.details['sqlState'] === UNDEFINED_TABLE) return false
    throw coded
  } finally {
    await client.end()
  }
}

const UNDEFINED_TABLE = '42P01'

/** The text by which Postgres reads the value: the type is that of the column beside it. */
function textOf(type: string | undefined, value: KeyJson[number]): string {
  if (typeof value === 'object') {
    throw new SheetflowError('core/bad-value', 'a row with such a key cannot be asked for', {
      fix: 'Name the row by a key that is written as text.',
    })
  }
  return type === 'bytes' ? `\\x${Buffer.from(String(value), 'base64').toString('hex')}` : String(value)
}
