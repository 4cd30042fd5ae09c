import type { RowJson } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'
import { tableSchema } from '@sheetflow/testkit/bound-graph'
import { expect, it } from 'vitest'
import { Pool } from './pool.ts'
import { PUT, RowBatch } from './row-batch.ts'
import { Table } from './table.ts'

const KEPT: Readonly<Record<string, ColumnType>> = {
  id: { type: 'int' },
  price: { type: 'decimal' },
  count: { type: 'bigint' },
  at: { type: 'timestamptz' },
  name: { type: 'text' },
  tags: { type: 'list', of: { type: 'int' } },
}

/** Cells of `KEPT` behind the key: narrow and wide numbers, and none. */
const CELLS: readonly RowJson[] = [
  ['12.50', '7', '2026-11-26T10:00:00Z', 'a', [1, 2]],
  ['123456789012345678901234.5', '9007199254740993123', null, '', []],
  [null, null, null, null, null],
  [{ e: '#N/A' }, { e: '#DIV/0!', of: 'x' }, { e: '#N/A' }, { e: '#REF!' }, { e: '#N/A' }],
]

function enterJson(table: Table, schema: TableSchema, rows: readonly RowJson[]): void {
  const changes = rows.map((row) => ['u', row.slice(0, 1), row, null] as const)
  const refuse = (): never => expect.fail('every row is whole and fits')
  table.apply({ v: 1, tx: 't', first: 0, table: schema.table, schema: schema.schema, rows: changes }, refuse, refuse)
}

/** By a batch of its own, which is released. */
function enterBatch(table: Table, schema: TableSchema, pool: Pool, rows: readonly RowJson[]): void {
  const batch = new RowBatch(schema, pool)
  for (const row of rows) {
    const i = batch.add(PUT)
    for (const [at, lane] of batch.lanes.entries()) lane.setJson(i, row[at] ?? null)
  }
  table.applyBatch(batch)
  batch.release()
}

function cellsOf(table: Table): JsonValue[][] {
  const slots = Array.from({ length: table.rows.size }, (_, slot) => slot)
  return slots.map((slot) => table.kept.map(({ column }) => column.json(slot)))
}

it('rows of a batch are what the same rows as JSON are, also when columns were retyped and dropped, and come to be kept', () => {
  const before = tableSchema('p.t', { columns: { ...KEPT, retyped: { type: 'int' }, dropped: { type: 'int' } } })
  const after = tableSchema('p.t', { columns: { ...KEPT, retyped: { type: 'text' } } }, 2)
  const pool = new Pool()
  const texts = new Table('s!p.t', before, new Pool())
  const batched = new Table('s!p.t', before, pool)
  for (const table of [texts, batched]) table.keepAll()
  for (const turn of [0, 1, 2]) {
    const rows = CELLS.map((_, i): RowJson => [i, ...(CELLS[(i + turn) % CELLS.length] ?? []), turn, i])
    enterJson(texts, before, rows)
    enterBatch(batched, before, pool, rows)
    expect(cellsOf(batched)).toEqual(cellsOf(texts))
  }
  for (const table of [texts, batched]) table.setSchema(after)
  const rows = CELLS.map((row, i): RowJson => [i, ...row, `turn ${i}`])
  enterJson(texts, after, rows)
  enterBatch(batched, after, pool, rows)
  expect(cellsOf(batched)).toEqual(cellsOf(texts))
  expect(batched.kept.map(({ column }) => column.json(0)).slice(-3)).toEqual([
    { e: '#VALUE!', of: 'retyped' },
    { e: '#REF!', of: 'dropped' },
    'turn 0',
  ])
})
