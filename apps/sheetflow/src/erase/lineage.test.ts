import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { expect, test } from 'vitest'
import { lineageOf } from './lineage.ts'

const INT = { type: 'int' } as const
const TEXT = { type: 'text' } as const

test('rows that are the row: passed on, stacked, paired; not those of groups, nor of other tables with that key', () => {
  const graph = boundGraph({
    tables: { 'shop!public.people': { columns: { id: INT, name: TEXT } }, 'shop!public.orders': { columns: { id: INT, person: INT } } },
    sheets: {
      's.some': { rows: '=FILTER(shop!people, shop!people[name]="x")' },
      's.first': { rows: '=TAKE(SORTBY(some, some[name]), 3)' },
      's.orders': { rows: '=shop!orders' },
      's.names': { rows: '=UNIQUE(shop!people[name])' },
    },
  })
  const isOf = lineageOf(graph, (relation, key) => relation === 'shop!public.people' && key[0] === 7)
  expect([isOf('s.some', [7]), isOf('s.first', [7]), isOf('s.some', [8])]).toEqual([true, true, false])
  expect([isOf('s.orders', [7]), isOf('s.names', [7]), isOf('s.nothing', [7])]).toEqual([false, false, false])
})
