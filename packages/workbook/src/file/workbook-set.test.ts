import { expect, test } from 'vitest'
import { Findings } from '../diagnostic.ts'
import { readWorkbooks } from './workbook-set.ts'

function problems(files: Readonly<Record<string, string>>): readonly unknown[] {
  const findings = new Findings()
  readWorkbooks(files, findings)
  return findings.all.map(({ code, at, message, fix }) => [code, at.file, message, fix])
}

test('files that no deployment could carry are refused together, at the largest of them', () => {
  // In UTF-8 two bytes a letter.
  const files = Object.fromEntries([1, 2, 3].map((i) => [`sales/data${i}.csv`, 'ż'.repeat(500_000 + i)]))
  expect(problems(files)).toEqual([])
  expect(problems({ ...files, 'sales/data4.csv': 'a'.repeat(200_000) })).toEqual([
    ['workbook/yaml', 'sales/data3.csv', 'the files of the workbooks are larger than 3 MiB together', 'keep data in a source'],
  ])
})
