import { describe } from 'vitest'
import { RECURSIVE } from '../testing/recursive-sketch.ts'
import { rowLaws } from '../testing/row-laws.ts'

describe('columns that read themselves', () => {
  rowLaws(RECURSIVE)
})
