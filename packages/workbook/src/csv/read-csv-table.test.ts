import { Decimal } from '@sheetflow/core/decimal'
import { describe, expect, it } from 'vitest'
import { readCsvTable } from './read-csv-table.ts'

describe('a table from CSV', () => {
  it('types each column by the narrowest type that holds all of its values', () => {
    const { columns, rows, key } = readCsvTable(
      'orders',
      'id,total,paid,placed,code,note\n1,9.50,true,2026-11-23,007,"a, b"\n2,10,false,2026-11-24,8,\n',
    )
    expect(columns.map(({ name, type }) => `${name}:${type.type}`)).toEqual([
      'id:int',
      'total:decimal',
      'paid:bool',
      'placed:date',
      'code:text',
      'note:text',
    ])
    expect(columns.map(({ nullable }) => nullable)).toEqual([false, false, false, false, false, true])
    expect(rows[0]).toEqual([1, Decimal.parse('9.50'), true, 20_780, '007', 'a, b'])
    expect(rows[1]?.[5]).toBeNull()
    expect(key).toEqual([0])
  })

  it('takes the first column without repetitions as key', () => {
    expect(readCsvTable('t', 'kind,name\na,x\na,y\n').key).toEqual([1])
  })

  it.each([
    ['a,,b', /column 2 has no name/],
    ['a,A', /"A" is there twice/],
  ])('refuses the header %s', (header, why) => {
    expect(() => readCsvTable('t', header)).toThrow(why)
  })
})
