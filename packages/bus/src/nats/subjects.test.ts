import { subjectMatches } from '@sheetflow/core/subject'
import { describe, expect, it } from 'vitest'
import { areaFor, firstAreas, overlap, plainSubject, wirePatterns, wireSubject } from './subjects.ts'

const SUBJECTS = [
  'sf.src.shop.public.orders',
  'sf.src.shop._commit',
  'sf.in.graph.sales.tick',
  'sf.wb.sales.orders',
  'sf.other.x',
  'sf.src.shop',
  'sf',
  'a',
  'a.b',
  'a.b.c',
]
const PATTERNS = [
  '>',
  '*',
  '*.*',
  'a.>',
  'a.*',
  'sf.>',
  'sf.src.shop.>',
  'sf.src.*._commit',
  '*.src.shop._commit',
  'sf.other.*',
  '*.b',
  'sf.*.shop.>',
]

describe('subjects on the wire', () => {
  it('those of FORMATS 3 stand there as they are, others in a part that belongs to the stream', () => {
    expect(wireSubject('S', 'sf.src.shop.public.orders')).toBe('sf.src.shop.public.orders')
    expect(wireSubject('S', 'sf.in.graph.sales.tick')).toBe('sf.in.graph.sales.tick')
    expect(wireSubject('S', 'a.b')).toBe('sf.stream.S.a.b')
    expect(wireSubject('S', 'sf.src.shop')).toBe('sf.stream.S.sf.src.shop')
    for (const subject of SUBJECTS) expect(plainSubject('S', wireSubject('S', subject))).toBe(subject)
  })

  it('a stream takes its own from the start, and every subject belongs to an area that holds it', () => {
    expect(firstAreas('SF_SRC_shop')).toEqual(['sf.src.shop.>'])
    expect(firstAreas('SF_IN_GRAPH_my_sales')).toEqual(['sf.in.graph.my_sales.>'])
    expect(firstAreas('S')).toEqual(['sf.stream.S.>'])
    for (const subject of SUBJECTS) expect(subjectMatches(areaFor('S', subject), wireSubject('S', subject))).toBe(true)
  })

  it('a pattern of a reader finds on the wire all that it matches', () => {
    for (const pattern of PATTERNS) {
      for (const subject of SUBJECTS) {
        if (!subjectMatches(pattern, subject)) continue
        const found = wirePatterns('S', pattern).some((each) => subjectMatches(each, wireSubject('S', subject)))
        expect(found, `${pattern} finds ${subject}`).toBe(true)
      }
    }
  })

  it('two patterns overlap if a subject fits both', () => {
    for (const one of PATTERNS) {
      for (const other of PATTERNS) {
        const both = SUBJECTS.some((subject) => subjectMatches(one, subject) && subjectMatches(other, subject))
        expect(overlap(one, other) || !both, `${one} and ${other}`).toBe(true)
        expect(overlap(one, other)).toBe(overlap(other, one))
      }
    }
    expect(overlap('a.>', 'b.>')).toBe(false)
    expect(overlap('a.*', 'a.b.c')).toBe(false)
    expect(overlap('a.>', 'a')).toBe(false)
  })
})
