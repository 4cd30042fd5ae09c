import { must } from '@sheetflow/core/assert'
import { Decimal } from '@sheetflow/core/decimal'
import { collectGarbage } from '@sheetflow/testkit/garbage'
import { expect, test } from 'vitest'
import type { Column } from './column.ts'
import { Pool } from './pool.ts'
import { Rows } from './rows.ts'

/** More than a block of before. */
const MANY = 70_000
const WIDE = Decimal.parse('123456789012345678901234567890.5')

/** Rows of a number, a text and a decimal, of which every thousandth is too wide for a record. */
function filled(): { readonly rows: Rows; readonly columns: readonly [Column, Column, Column] } {
  const rows = new Rows()
  const pool = new Pool()
  const columns = [
    rows.addColumn({ type: 'int' }, pool),
    rows.addColumn({ type: 'text' }, pool),
    rows.addColumn({ type: 'decimal' }, pool),
  ] as const
  // An operator keeps something of each row, which has no before.
  rows.addInt()
  rows.grow(MANY)
  for (let slot = 0; slot < MANY; slot++) set(columns, slot, slot)
  return { rows, columns: [...columns] }
}

function set([number, text, decimal]: readonly Column[], slot: number, n: number): void {
  number?.now.set(slot, n)
  text?.now.set(slot, `t${n % 100}`)
  decimal?.now.set(slot, n % 1_000 === 0 ? must(WIDE.add(Decimal.of(n, 0))) : Decimal.of(n, 2))
}

function read(columns: readonly Column[], slot: number): readonly unknown[] {
  return columns.map((column) => column.jsonBefore(slot))
}

test('every row of a large step is what it was, whichever block has it, and what it is now beside that', () => {
  const { rows, columns } = filled()
  const were = Array.from({ length: MANY }, (_, slot) => columns.map((column) => column.now.json(slot)))
  // Not in the order of their slots.
  for (let i = 0; i < MANY; i++) {
    const slot = (i * 7_919) % MANY
    rows.touch(slot)
    rows.setFlag(slot, 1)
    set(columns, slot, slot + 1_000)
  }
  const slots = Array.from({ length: MANY }, (_, slot) => slot)
  const wrong = slots.filter((slot) => JSON.stringify(read(columns, slot)) !== JSON.stringify(were[slot]))
  expect(wrong).toEqual([])
  expect(slots.filter((slot) => rows.flagBefore(slot) !== 0 || rows.flag(slot) !== 1)).toEqual([])
  expect(columns.map((column) => column.changed(MANY - 1))).toEqual([true, false, true])
  rows.forget()
  expect(columns.map((column) => column.changed(MANY - 1))).toEqual([false, false, false])
})

test('a column that comes in the middle of a step was blank in every row, one that goes leaves the others as they are', () => {
  const { rows, columns } = filled()
  for (let slot = 0; slot < MANY; slot++) rows.touch(slot)
  const late = rows.addColumn({ type: 'bigint' }, new Pool())
  for (const slot of [0, 65_535, 65_536, MANY - 1]) {
    late.now.set(slot, 5n)
    expect([late.jsonBefore(slot), late.changed(slot)]).toEqual([null, true])
  }
  rows.forget()
  rows.dropColumn(columns[1])
  for (const slot of [3, 65_540, MANY - 1]) {
    rows.touch(slot)
    set([columns[0]], slot, -1)
    late.now.set(slot, 7n)
  }
  const seen = [columns[0], columns[2], late].map((column) => column.jsonBefore(65_540))
  expect(seen).toEqual([65_540, '655.40', null])
})

test('rows that were not there before were blank, beside one that was, in any block', () => {
  const { rows, columns } = filled()
  rows.grow(5 * MANY)
  // The last of its block and alone in the one behind that; what comes between fills a block without any row of before.
  const old = [0, 65_535, 3 * 65_536 + 5]
  const isOld = new Map(old.map((ordinal, i) => [ordinal, i]))
  for (let ordinal = 0; ordinal < 4 * 65_536; ordinal++) {
    const slot = isOld.get(ordinal)
    if (slot === undefined) rows.touchNew(MANY + ordinal)
    else rows.touch(slot)
  }
  const late = rows.addColumn({ type: 'bigint' }, new Pool())
  const all = [...columns, late]
  for (const slot of [0, 1, 2]) {
    expect(read(all, slot)).toEqual([...columns.map((column) => column.now.json(slot)), null])
    set(columns, slot, -slot - 1)
  }
  for (const ordinal of [1, 65_534, 65_536, 2 * 65_536, 3 * 65_536 + 4, 3 * 65_536 + 6]) {
    const slot = MANY + ordinal
    set(columns, slot, ordinal)
    late.now.set(slot, 1n)
    expect([rows.flagBefore(slot), read(all, slot), all.map((column) => column.changed(slot))]).toEqual([
      0,
      [null, null, null, null],
      [true, true, true, true],
    ])
  }
  rows.forget()
  // The next step keeps what it touches, where nobody was.
  for (let slot = 0; slot < MANY; slot++) rows.touch(slot)
  expect(read(columns, MANY - 1)).toEqual(columns.map((column) => column.now.json(MANY - 1)))
})

test('law 12: nothing is kept of rows that were not there before', async () => {
  const rows = new Rows()
  const pool = new Pool()
  for (let i = 0; i < 8; i++) rows.addColumn({ type: 'int' }, pool)
  rows.grow(16 * MANY)
  await collectGarbage()
  const before = process.memoryUsage().arrayBuffers
  for (let slot = 0; slot < 16 * MANY; slot++) rows.touchNew(slot)
  // The list of the rows, a bit for each, and two blocks: 72 bytes a row would be eighty million.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MANY * 24)
  expect(rows.flagBefore(16 * MANY - 1)).toBe(0)
})

test('law 12: what was kept for a large step is given back behind it', async () => {
  const rows = new Rows()
  const pool = new Pool()
  for (let i = 0; i < 8; i++) rows.addColumn({ type: 'int' }, pool)
  rows.grow(4 * MANY)
  await collectGarbage()
  const bytes = (): number => process.memoryUsage().arrayBuffers
  const before = bytes()
  for (let slot = 0; slot < 4 * MANY; slot++) rows.touch(slot)
  const kept = bytes() - before
  expect(kept).toBeGreaterThan(4 * MANY * 64)
  rows.forget()
  await collectGarbage()
  expect(bytes() - before).toBeLessThan(kept / 2)
})
