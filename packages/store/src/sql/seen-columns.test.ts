import { describe, expect, test } from 'vitest'
import { ColumnRecord, NO_COLUMNS, seenColumns } from './seen-columns.ts'

describe('what columns have seen', () => {
  test('is told once, whatever is seen again', () => {
    const record = new ColumnRecord(NO_COLUMNS)
    expect(record.news()).toBeNull()
    record.add(10)
    record.add(2)
    record.add(10)
    expect(record.news()).toBe('[2,10]')
    record.add(2)
    expect(record.news()).toBeNull()
    expect(seenColumns('[2,10]')).toEqual(new Set([2, 10]))
  })

  test('of a table that is emptied and filled as before is no news', () => {
    const record = new ColumnRecord(new Set([3]))
    record.clear()
    record.add(3)
    expect(record.news()).toBeNull()
    record.clear()
    expect(record.news()).toBe('[]')
  })

  test('stays unknown until the table is emptied', () => {
    const record = new ColumnRecord(seenColumns(null))
    record.add(1)
    expect(record.news()).toBeNull()
    record.clear()
    record.add(1)
    expect(record.news()).toBe('[1]')
  })
})
