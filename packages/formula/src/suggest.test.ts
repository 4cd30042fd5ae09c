import { describe, expect, it } from 'vitest'
import { didYouMean, editDistance, suggest } from './suggest.ts'

describe('did you mean', () => {
  it('finds slips of the finger, closest first', () => {
    expect(suggest('totl', ['total', 'tool', 'status'])).toEqual(['tool', 'total'])
    expect(suggest('cusotmer', ['customer', 'customers', 'tenant'])).toEqual(['customer', 'customers'])
    expect(suggest('SUMM', ['SUM', 'SUMIFS'])).toEqual(['SUM'])
    expect(suggest('zzz', ['total'])).toEqual([])
    expect(didYouMean('x', ['total'])).toBeUndefined()
  })

  it('counts a swap of neighbours as one', () => {
    expect(editDistance('ab', 'ba', 3)).toBe(1)
    expect(editDistance('abc', 'abd', 3)).toBe(1)
    expect(editDistance('abc', 'xyz', 2)).toBeNull()
  })
})
