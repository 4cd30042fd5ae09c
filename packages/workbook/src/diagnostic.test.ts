import { expect, it } from 'vitest'
import { Findings, locate } from './diagnostic.ts'

const FILE = 'w/s.sheet.yaml'

it('says where a finding is: lines and columns from 1, the last line without an end', () => {
  const findings = new Findings()
  const text = 'one\r\n\ntwo: =x'
  for (const [start, end] of [
    [0, 3],
    [6, 7],
    [11, 99],
    [99, 120],
  ] as const)
    findings.error('workbook/shape', { file: FILE, start, end }, 'odd')
  expect(locate(findings.all, { [FILE]: text }).map(({ line, column, width, source }) => [line, column, width, source])).toEqual([
    [1, 1, 3, 'one'],
    [3, 1, 1, 'two: =x'],
    [3, 6, 2, 'two: =x'],
    [3, 8, 1, 'two: =x'],
  ])
})

it('keeps equal findings at one place once, until they are taken back', () => {
  const findings = new Findings()
  const add = (): void => findings.error('workbook/shape', { file: FILE, start: 1, end: 2 }, 'odd')
  add()
  add()
  expect(findings.all).toHaveLength(1)
  findings.forget(0, [{ file: FILE, start: 0, end: 5 }])
  expect(findings.all).toEqual([])
  add()
  expect(findings.all).toHaveLength(1)
})

it('shows the first of many in a file, errors before warnings, and counts the others', () => {
  const findings = new Findings()
  const text = 'x\n'.repeat(50_000)
  for (let at = 0; at < 50_000; at++) findings.warning('workbook/name', { file: FILE, start: 2 * at, end: 2 * at + 1 }, `odd ${at}`)
  findings.error('workbook/shape', { file: FILE, start: 99_998, end: 99_999 }, 'wrong')
  const shown = locate(findings.all, { [FILE]: text })
  expect(shown).toHaveLength(201)
  expect(shown[0]).toMatchObject({ line: 1, message: 'odd 0' })
  expect(shown.at(-2)).toMatchObject({ severity: 'error', line: 50_000, message: 'wrong' })
  expect(shown.at(-1)).toMatchObject({
    severity: 'warning',
    line: 200,
    message: 'and 49801 more in this file, of which this is the first: odd 199',
  })
})
