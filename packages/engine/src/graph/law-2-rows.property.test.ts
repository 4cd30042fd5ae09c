import { describe } from 'vitest'
import { rowLaws } from '../testing/row-laws.ts'
import { ROW_SKETCHES } from '../testing/row-sketches.ts'

describe.each(Object.entries(ROW_SKETCHES))('rows by %s', (_, sketch) => {
  rowLaws(sketch)
})
