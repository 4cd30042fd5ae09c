import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { archiveStream, openSqliteBus } from '@sheetflow/bus'
import type { Bus } from '@sheetflow/core/ports/bus'
import { openFileArchive } from '@sheetflow/store'
import { systemClock } from '../../ops/system-clock.ts'
import type { CliCommand } from '../command.ts'
import { parseLine } from '../options.ts'
import { Output } from '../output.ts'
import { replay } from './replay.ts'
import { verify } from './verify.ts'

const STREAM = 'SF_SRC_shop'
const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url))

let folder: string

/** Ten messages, of which the first seven are in the archive alone. */
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'replay-'))
  mkdirSync(path.join(folder, 'workbooks/sales'), { recursive: true })
  const sources = { shop: { type: 'postgres', url: 'postgres://localhost/x', tables: ['*'] } }
  writeFileSync(path.join(folder, 'sheetflow.config.json'), JSON.stringify({ sources, archive: { type: 'files' } }))
  await using bus = await openSqliteBus({ dir: path.join(folder, '.sheetflow/bus') })
  await bus.ensure(STREAM)
  await write(bus, 1, 7)
  await archive(bus, 7)
  await bus.trim(STREAM, { maxBytes: 1 })
  await write(bus, 8, 10)
  expect((await bus.range(STREAM)).first).toBe(8)
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function write(bus: Bus, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    await bus.append(STREAM, [{ subject: 'sf.src.shop.public.t', id: `t${n}`, body: new TextEncoder().encode(`{"n":${n}}`) }])
  }
}

async function archive(bus: Bus, upTo: number): Promise<void> {
  await using store = await openFileArchive(path.join(folder, '.sheetflow/archive'))
  const stop = new AbortController()
  const onSegment = (last: number): void => {
    if (last >= upTo) stop.abort()
  }
  await archiveStream({ bus, store, stream: STREAM, clock: systemClock, segmentBytes: 1, onSegment }, stop.signal)
}

async function ran(command: CliCommand, ...args: string[]): Promise<{ readonly code: number; readonly text: string }> {
  const output = new Output({ json: false, verbose: false })
  const said: string[] = []
  vi.spyOn(output, 'event').mockImplementation((_, __, text = '') => void said.push(text))
  const line = parseLine([...args, '--config', path.join(folder, 'sheetflow.config.json')], command.options)
  const code = await command.run(line, output)
  return { code, text: stripVTControlCharacters(said.join('\n')) }
}

async function replayed(...args: string[]): Promise<unknown[]> {
  const file = path.join(folder, 'out.ndjson')
  rmSync(file, { force: true })
  await ran(replay, 'shop', '--into', file, ...args)
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => (JSON.parse(line) as { body: { n: number } }).body.n)
}

test('a replay goes from the archive into the stream without a gap', async () => {
  expect(await replayed()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(await replayed('--from', '6', '--to', '9')).toEqual([6, 7, 8, 9])
  expect(await replayed('--from', '1d', '--to', '2020-01-01')).toEqual([])
  expect(await replayed('--from', '1d')).toHaveLength(10)
})

test('a file that is there is not written over; a name that is none is said', async () => {
  const file = path.join(folder, 'out.ndjson')
  writeFileSync(file, 'mine')
  await expect(ran(replay, 'shop', '--into', file)).rejects.toMatchObject({ code: 'app/usage' })
  expect(readFileSync(file, 'utf8')).toBe('mine')
  await expect(ran(replay, 'shp')).rejects.toMatchObject({ code: 'app/usage', fix: 'Did you mean shop?' })
})

test('verify reads the archive too', async () => {
  const { code, text } = await ran(verify)
  expect(text).toContain(`ok   ${STREAM} in the archive: 7 segments, offsets 1 to 7`)
  expect(code).toBe(0)
  await using store = await openFileArchive(path.join(folder, '.sheetflow/archive'))
  const names = await store.list(`${STREAM}/`)
  writeFileSync(path.join(folder, '.sheetflow/archive', names[2] ?? ''), 'something else')
  const damaged = await ran(verify)
  expect(damaged.text).toContain('the segment 3–3 of SF_SRC_shop in the archive is damaged')
  expect(damaged.code).toBe(1)
})

test('a reader that goes away early, as of `sheetflow replay | head -1`, is the end of it', async () => {
  await using bus = await openSqliteBus({ dir: path.join(folder, '.sheetflow/bus') })
  await bus.append(STREAM, [{ subject: 'sf.src.shop.public.t', id: 'large', body: new Uint8Array(1024 * 1024) }])
  const args = ['--conditions=source', '--disable-warning=ExperimentalWarning', MAIN, 'replay', 'shop']
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // What hangs is ended here, and has no code.
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  child.stdout.once('data', () => child.stdout.destroy())
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect({ code, said }).toEqual({ code: 0, said: '' })
})
