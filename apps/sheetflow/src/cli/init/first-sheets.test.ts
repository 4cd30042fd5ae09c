import type { ColumnType } from '@sheetflow/core/type'
import type { DiscoveredTable } from '@sheetflow/core/ports/source'
import { expect, test } from 'vitest'
import { pageText } from './first-page.ts'
import { firstSheets } from './first-sheets.ts'

function table(name: string, key: readonly string[], columns: Readonly<Record<string, ColumnType>>): DiscoveredTable {
  const described = Object.entries(columns).map(([column, type], i) => ({ ...type, name: column, id: i + 1, null: false }))
  return { schema: { table: name, key, columns: described }, rows: 1, bytes: 1 }
}

const USERS = table('public.User', ['userId'], {
  userId: { type: 'int' },
  fullName: { type: 'text' },
  'Unit Price': { type: 'decimal', p: 10, s: 2 },
  "the [odd] '1'": { type: 'text' },
  'a: b': { type: 'bool' },
  createdAt: { type: 'timestamptz' },
})

test('no column is left out for its name: GraphQL can write most, the others get another name', () => {
  const [sheet] = firstSheets('erp', [USERS])
  expect(sheet?.columns.map(({ name }) => name)).toEqual(['userId', 'fullName', 'unit_price', 'the_odd_1', 'a_b', 'createdAt'])
  expect(sheet?.text).toBe(`about: The rows of public.User.
rows: =erp!User
keep: [fullName, createdAt]
columns:
  unit_price: =[@[Unit Price]]
  the_odd_1: =[@[the '[odd'] ''1'']]
  a_b: "=[@[a: b]]"
# Columns of your own, computed from the others and from any table:
#   label: =UPPER([@fullName])
read:
  developer: all
`)
})

test('two names that become one stay two', () => {
  const [sheet] = firstSheets('erp', [
    table('public.a', ['id'], { id: { type: 'int' }, a_b: { type: 'int' }, 'a b': { type: 'int' }, 'a-b': { type: 'int' } }),
  ])
  expect(sheet?.columns.map(({ name }) => name)).toEqual(['id', 'a_b', 'a_b_2', 'a_b_3'])
})

test('a first page shows numbers and moments as people read them, with all their digits', () => {
  const page = pageText('erp', firstSheets('erp', [USERS]))
  expect(page).toContain('user(limit: 50) { userId fullName unit_price the_odd_1 a_b createdAt }')
  expect(page).toContain('<sf-column field="userId" format="0"></sf-column>')
  expect(page).toContain('<sf-column field="fullName"></sf-column>')
  expect(page).toContain('<sf-column field="unit_price" format="#,##0.00"></sf-column>')
  expect(page).toContain('<sf-column field="createdAt" format="datetime"></sf-column>')
})
