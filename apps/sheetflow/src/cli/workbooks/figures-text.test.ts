import { expect, test } from 'vitest'
import { figuresText } from './figures-text.ts'

test('one row is called a row, several are rows', () => {
  const figures = { kind: 'sheet', on: 'a', askedBy: [], size: 2, bytes: null, rowsIn: 1, rowsOut: 1, suppressed: 0, ms: 1 }
  expect(figuresText({ ...figures, worst: { rows: 1, key: '7' } })).toContain('at most 1 row called at once, by 7')
  expect(figuresText({ ...figures, worst: { rows: 1200, key: null } })).toMatch(/at most 1,200 rows called at once$/)
})
