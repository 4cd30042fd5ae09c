import { CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { JsonBytes } from '@sheetflow/core/json-bytes'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'
import { describe, expect, it } from 'vitest'
import type { Lane } from './lane.ts'
import { makeLane } from './make-lane.ts'
import { packPage } from './page-bytes.ts'
import { Pool } from './pool.ts'

/** Values of each type that are easy to lose, in rising order (FORMATS 2). */
const RISING: readonly (readonly [ColumnType, readonly JsonValue[]])[] = [
  [{ type: 'bool' }, [false, true]],
  [{ type: 'int' }, [-9007199254740991, -1, 0, 9007199254740991]],
  [{ type: 'bigint' }, ['-9223372036854775808', '-1', '0', '9007199254740993', '9223372036854775807']],
  [{ type: 'decimal' }, ['-99999999999999999999999999.5', '-0.001', '0', '0.1', '1.05', '1.50', '12345678901234567890.123456789']],
  [{ type: 'double' }, [-1e308, -5e-324, 0, 5e-324, 0.1, 1e300]],
  [{ type: 'text' }, ['', 'a', 'aa', 'b', 'ß', '\uFFFD', '😀']],
  [{ type: 'bytes' }, ['', 'AA==', 'AAE=', '/w==']],
  [{ type: 'date' }, ['0001-01-01', '1969-12-31', '1970-01-01', '9999-12-31']],
  [{ type: 'time' }, ['00:00:00.000000', '10:00:00.000001', '24:00:00.000000']],
  [{ type: 'interval' }, ['P1D', 'P1M', 'P1Y']],
  [{ type: 'timestamptz' }, ['0001-01-01T00:00:00.000000Z', '2026-11-23T10:00:00.000001Z', '9999-12-31T23:59:59.999999Z']],
  [{ type: 'uuid' }, ['00000000-0000-0000-0000-000000000001', 'ffffffff-ffff-ffff-ffff-ffffffffffff']],
  [{ type: 'json' }, ['{"a":1}', '{"b":1}']],
  [{ type: 'list', of: { type: 'int' } }, [[], [1], [1, 2], [2]]],
]

describe.each(RISING)('a lane of $type', (type, values) => {
  // Blank < values < errors.
  const cells: readonly JsonValue[] = [null, ...values, { e: '#DIV/0!', of: 'x' }, { e: '#N/A' }]
  const lane = makeLane(type, new Pool())
  lane.grow(64)
  for (const [i, json] of cells.entries()) lane.setJson(i, json)

  it('gives back what was put in, as JSON and as values', () => {
    expect(cells.map((_, i) => lane.json(i))).toEqual(cells)
    expect(cells.map((_, i) => written(lane, i))).toEqual(cells.map((cell) => JSON.stringify(cell)))
    for (const [i] of cells.entries()) lane.set(i + 32, lane.value(i))
    expect(cells.map((_, i) => lane.json(i + 32))).toEqual(cells)
    expect(cells.every((_, i) => lane.same(i, lane, i + 32))).toBe(true)
  })

  it('keeps the order', () => {
    for (const [i] of cells.entries()) {
      for (const [j] of cells.entries()) expect(Math.sign(lane.compare(i, lane, j)), `${i} to ${j}`).toBe(Math.sign(i - j))
    }
  })

  it('goes through a checkpoint', () => {
    const other = makeLane(type, new Pool())
    other.grow(64)
    other.decode(0, lane.encode(0, 64))
    expect(cells.map((_, i) => other.json(i))).toEqual(cells)
  })

  it('makes #VALUE! of what does not fit', () => {
    lane.setJson(60, type.type === 'text' || type.type === 'json' || type.type === 'uuid' ? 7 : 'x y')
    expect(lane.value(60)).toEqual(new CellError('#VALUE!'))
  })
})

/** What a lane writes of a cell. */
function written(lane: Lane, i: number): string {
  const to = new JsonBytes()
  lane.write(i, to)
  return new TextDecoder().decode(to.cut())
}

describe('a lane of decimals', () => {
  it('tells scales apart that are equal by value', () => {
    const lane = makeLane({ type: 'decimal' }, new Pool())
    lane.grow(2)
    lane.set(0, Decimal.parse('1.0'))
    lane.set(1, Decimal.parse('1.00'))
    expect([lane.compare(0, lane, 1), lane.same(0, lane, 1)]).toEqual([0, false])
  })
})

describe('a lane of bigint', () => {
  const wide = '9007199254740993'

  it('takes eight bytes a cell', () => {
    expect(makeLane({ type: 'bigint' }, new Pool()).fields).toHaveLength(2)
  })

  it('takes back a page that has 0 in place of what is wide', () => {
    const lane = makeLane({ type: 'bigint' }, new Pool())
    lane.grow(2)
    lane.decode(0, packPage([Float64Array.of(0, 7), Uint8Array.of(255, 0)], [[], [[0, wide]]]))
    expect([lane.json(0), lane.json(1), lane.compare(0, lane, 1), lane.units(0)]).toEqual([wide, '7', 1, Number.NaN])
  })

  it('reads texts of whole numbers, however they are written, and nothing else', () => {
    const lane = makeLane({ type: 'bigint' }, new Pool())
    lane.grow(1)
    const read = (text: string): JsonValue => {
      lane.setJson(0, text)
      return lane.json(0)
    }
    expect(['7', '-7', '-0', '007', '5.0', wide].map(read)).toEqual(['7', '-7', '0', '7', '5', wide])
    expect(['1.5', '', '-', '7 '].map(read)).toEqual([{ e: '#VALUE!' }, { e: '#VALUE!' }, { e: '#VALUE!' }, { e: '#VALUE!' }])
  })
})

describe('the pool of texts', () => {
  it('frees what no lane holds, and keeps what one does', () => {
    const pool = new Pool()
    const lane = makeLane({ type: 'text' }, pool)
    lane.grow(2)
    lane.set(0, 'kept')
    for (let i = 0; i < 60_000; i++) lane.set(1, `text ${i}`)
    pool.sweep()
    expect(pool.size).toBe(2)
    expect([lane.value(0), lane.value(1)]).toEqual(['kept', 'text 59999'])
  })
})
