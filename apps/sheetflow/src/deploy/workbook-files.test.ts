import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readWorkbookFiles } from './workbook-files.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sheetflow-files-'))
  mkdirSync(path.join(folder, 'w'))
  writeFileSync(path.join(folder, 'w/a.sheet.yaml'), 'rows: =t\n')
})

afterEach(() => rmSync(folder, { recursive: true }))

test('what is not there, or no file, is left out', () => {
  mkdirSync(path.join(folder, 'w/folder.yaml'))
  symlinkSync('nowhere', path.join(folder, 'w/link.yaml'))
  writeFileSync(path.join(folder, 'file'), '')
  expect(readWorkbookFiles(folder, ['w', 'gone', 'file'])).toEqual({ 'w/a.sheet.yaml': 'rows: =t\n' })
})

test.each([
  ['a file', 'w/b.sheet.yaml', /^w\/b.sheet.yaml is there and cannot be read: ELOOP/],
  ['a workbook', 'v', /^v is there and cannot be read: ELOOP/],
])('%s that is there and cannot be read is not as if it were deleted', (_, name, message) => {
  // A link to itself cannot be read by anybody, whatever his rights are.
  symlinkSync(path.basename(name), path.join(folder, name))
  expect(() => readWorkbookFiles(folder, ['v', 'w'])).toThrow(
    expect.objectContaining({ code: 'workbook/unreadable', message: expect.stringMatching(message) as unknown }),
  )
})
