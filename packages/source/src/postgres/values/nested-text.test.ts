import { expect, test } from 'vitest'
import { parseArray, parseComposite, parseHstore, parseMultirange, parseRange } from './nested-text.ts'

test('arrays', () => {
  expect(parseArray('{}')).toEqual({ items: [], plain: true })
  expect(parseArray('{1,NULL,"NULL","a\\"b,}",""}')).toEqual({ items: ['1', null, 'NULL', 'a"b,}', ''], plain: true })
  expect(parseArray('{{1,2},{3,NULL}}')).toEqual({
    items: [
      ['1', '2'],
      ['3', null],
    ],
    plain: false,
  })
  expect(parseArray('[2:3]={a,b}')).toEqual({ items: ['a', 'b'], plain: false })
  expect(parseArray('{(1,1),(0,0);(2,2),(3,3)}', ';').items).toEqual(['(1,1),(0,0)', '(2,2),(3,3)'])
})

test('composites', () => {
  expect(parseComposite('(1,"a ""b"" \\\\ c",,"")')).toEqual(['1', 'a "b" \\ c', null, ''])
  expect(parseComposite('(,)')).toEqual([null, null])
  expect(parseComposite('()')).toEqual([null])
})

test('ranges', () => {
  expect(parseRange('[1,5)')).toEqual({ lower: '1', upper: '5', bounds: '[)' })
  expect(parseRange('(,"2026-01-01 00:00:00"]')).toEqual({ lower: null, upper: '2026-01-01 00:00:00', bounds: '(]' })
  expect(parseRange('empty')).toEqual({ lower: null, upper: null, bounds: 'empty' })
  expect(parseMultirange('{[1,2),[4,)}')).toEqual([
    { lower: '1', upper: '2', bounds: '[)' },
    { lower: '4', upper: null, bounds: '[)' },
  ])
})

test('hstore', () => {
  expect(parseHstore('"a"=>"1", "b c"=>NULL, "d"=>"NULL", "e\\""=>"x\\\\"')).toEqual([
    ['a', '1'],
    ['b c', null],
    ['d', 'NULL'],
    ['e"', 'x\\'],
  ])
})
