import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { capturedProject } from '../testing/captured-project.ts'
import { Output } from '../output.ts'
import { parseLine } from '../options.ts'
import { fmt } from './fmt.ts'

let root: string

afterEach(() => {
  vi.restoreAllMocks()
  rmSync(root, { recursive: true })
})

test('a file that could not be read back is not written, whatever could be mended in it', async () => {
  root = await capturedProject({ 'a.sheet.yaml': 'rows: =shop!items\nkeep:   [id]\n' })
  // Its keys could be put in order; its formula is none that YAML reads as it looks.
  const broken = 'keep:   [id]\nrows: =shop!items\ncolumns: {a: =SUM(1, 2)}\n'
  const file = path.join(root, 'workbooks/w/b.sheet.yaml')
  writeFileSync(file, broken)
  vi.spyOn(process, 'cwd').mockReturnValue(root)
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const code = await fmt.run(parseLine([], fmt.options), new Output({ json: true, verbose: false }))
  expect(code).toBe(1)
  expect(readFileSync(file, 'utf8')).toBe(broken)
  expect(readFileSync(path.join(root, 'workbooks/w/a.sheet.yaml'), 'utf8')).toContain('keep: [id]')
})
