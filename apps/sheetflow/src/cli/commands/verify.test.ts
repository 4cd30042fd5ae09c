import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openSqliteBus } from '@sheetflow/bus'
import { lockDataFolder } from '../../runtime/lock.ts'
import { parseLine } from '../options.ts'
import { Output } from '../output.ts'
import { verify } from './verify.ts'

const STREAM = 'SF_SRC_shop'

let folder: string
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'verify-'))
  writeFileSync(
    path.join(folder, 'sheetflow.config.json'),
    JSON.stringify({ sources: { shop: { type: 'postgres', url: 'postgres://localhost/x', tables: ['*'] } } }),
  )
  await using bus = await openSqliteBus({ dir: path.join(folder, '.sheetflow/bus') })
  for (const stream of [STREAM, 'SF_GRAPH_main']) {
    await bus.ensure(stream)
    await bus.append(stream, [{ subject: 'a', id: '1', body: new TextEncoder().encode(`the body of ${stream}`) }])
  }
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function verified(...args: string[]): Promise<{ readonly code: number; readonly text: string }> {
  const output = new Output({ json: false, verbose: false })
  const said: string[] = []
  vi.spyOn(output, 'event').mockImplementation((_, __, text = '') => void said.push(text))
  const line = parseLine([...args, '--config', path.join(folder, 'sheetflow.config.json')], verify.options)
  const code = await verify.run(line, output)
  return { code, text: stripVTControlCharacters(said.join('\n')) }
}

/** A bit that SQLite itself does not miss. */
function damage(): void {
  const file = path.join(folder, `.sheetflow/bus/${STREAM}.db`)
  const bytes = readFileSync(file)
  const at = bytes.indexOf(`the body of ${STREAM}`)
  expect(at).toBeGreaterThan(0)
  bytes[at] = 0x21
  writeFileSync(file, bytes)
}

test('streams that are right are counted', async () => {
  const { code, text } = await verified()
  expect(text).toContain(`ok   ${STREAM}: 1 message, up to offset 1`)
  expect(text).toContain('2 streams, 0 damaged')
  expect(code).toBe(0)
})

test('a damaged one is named with a command; typed as it stands, that sets the file aside', async () => {
  damage()
  const { code, text } = await verified()
  expect(text).toMatch(/fail stream SF_SRC_shop is damaged at offset 1: a block fails its checksum/)
  expect(text).toContain('2 streams, 1 damaged')
  expect(code).toBe(1)
  const typed = /`sheetflow verify (--repair \S+)`/.exec(text)?.[1]?.split(' ') ?? []
  const mended = await verified(...typed)
  expect(mended.text).toContain(`${STREAM}.db.damaged-1`)
  expect(mended.code).toBe(0)
  expect((await verified()).text).toContain('1 stream, 0 damaged')
})

test('one stream alone, and a name that is none', async () => {
  damage()
  expect(await verified('SF_GRAPH_main')).toMatchObject({ code: 0 })
  await expect(verified('SF_SRC_shpo')).rejects.toMatchObject({ code: 'app/usage', fix: `Did you mean ${STREAM}?` })
})

test('nothing is looked at while a Sheetflow runs', async () => {
  using _running = lockDataFolder(path.join(folder, '.sheetflow'))
  await expect(verified()).rejects.toMatchObject({ code: 'app/locked' })
})
