import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { exitCodeOf } from '../exit-code.ts'
import { parseLine } from '../options.ts'
import { Output } from '../output.ts'
import { archive } from './archive.ts'
import { restore } from './restore.ts'

test.each([
  ['archive', archive, []],
  ['restore', restore, ['--dry-run']],
] as const)('%s: a configuration without an archive is what is wrong, not the command line: 3', async (_, command, args) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'archive-'))
  const file = path.join(folder, 'sheetflow.config.json')
  writeFileSync(file, JSON.stringify({ sources: { shop: { type: 'postgres', url: 'postgres://localhost/x', tables: ['*'] } } }))
  const line = parseLine([...args, '--config', file], command.options)
  const error: unknown = await command.run(line, new Output({ json: false, verbose: false })).then(
    () => null,
    (reason: unknown) => reason,
  )
  rmSync(folder, { recursive: true })
  expect(error).toMatchObject({
    code: 'config/invalid',
    fix: expect.stringContaining("archive: { type: 'files', dir: 'archive' }") as string,
  })
  expect(exitCodeOf(error)).toBe(3)
})
