import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { openSqliteBus } from '@sheetflow/bus'
import { claimArchive } from '@sheetflow/bus/archive/claim-archive'
import type { DeadLetter } from '@sheetflow/core/dead-letter'
import { encodeBody } from '@sheetflow/core/framing/codec'
import { TransactionPacker } from '@sheetflow/core/framing/packer'
import { sourceSubjects } from '@sheetflow/core/framing/subjects'
import type { RowChange } from '@sheetflow/core/message'
import { graphStream, lettersSubject, sourceStream, tableSubject } from '@sheetflow/core/subject'
import { openFileArchive } from '@sheetflow/store/archive/file-archive-store'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { capturedProject } from '../testing/captured-project.ts'
import { parseLine } from '../options.ts'
import { Output } from '../output.ts'
import { erase } from './erase.ts'

/** A folder in which a source wrote, and has gone away: nobody can be asked. */

const SECRET = 'Very secret teapot'

let root: string
beforeEach(async () => {
  root = await capturedProject({})
  await rows('1', ['c', [7], [7, SECRET, '9.50'], null], ['c', [8], [8, 'Kettle', '9.50'], null])
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const bus = (): string => path.join(root, '.sheetflow/bus')

async function rows(tx: string, ...changes: readonly RowChange[]): Promise<void> {
  await using writing = await openSqliteBus({ dir: bus() })
  const stream = sourceStream('shop')
  const { epoch } = await writing.ensure(stream)
  const packer = new TransactionPacker({ stream, epoch, subjects: sourceSubjects('shop') })
  packer.begin(`t${tx}`)
  packer.rows(
    'public.items',
    1,
    changes.map((change) => JSON.stringify(change)),
  )
  packer.commit({ at: '2026-11-26T00:00:01.000000Z', mark: '', inbox: 0, causes: [] })
  await writing.append(stream, packer.take())
}

let raws = 0

/** A message of a table that no packer would write. */
async function raw(body: string, table: string): Promise<void> {
  await using writing = await openSqliteBus({ dir: bus() })
  await writing.append(sourceStream('shop'), [{ subject: tableSubject('shop', table), id: `raw-${raws++}`, body: encodeBody(body) }])
}

/** Of a row of another shape nothing but its key can be read. */
const MANGLED = [['u', [7], SECRET, null], ['u', [8], 'no row at all', null], ['?'], ['c', [7], [7, SECRET, '9.50'], null]]

function letter(id: string, key: DeadLetter['key']): DeadLetter {
  const where = { stream: sourceStream('shop'), offset: 5, column: null, code: 'core/bad-message', reason: 'it is none', stack: null }
  const at = '2026-11-26T00:00:00.000000Z'
  return { id, state: 'open', source: 'shop', table: 'public.items', key, ...where, times: 1, asks: 1, run: 0, at, closedAt: null }
}

/** What the graph of the workbook says of its dead letters, having seen all of the source. */
async function letters(open: readonly DeadLetter[], closed: readonly DeadLetter[]): Promise<void> {
  await using writing = await openSqliteBus({ dir: bus() })
  const { epoch } = await writing.ensure(graphStream('w'))
  const { last } = await writing.range(sourceStream('shop'))
  const inputs = { [sourceStream('shop')]: { epoch, offset: last } }
  const commit = { at: '2026-11-26T00:00:00.000000Z', causes: [], counts: {}, inputs }
  const body = { v: 1, tx: '1-1', first: 0, kind: 'letters', open, closed, total: 3, commit }
  await writing.append(graphStream('w'), [{ subject: lettersSubject('w'), id: 'letters', body: encodeBody(body) }])
}

async function ran(...args: string[]): Promise<{ readonly code: number; readonly text: string; readonly events: readonly string[] }> {
  const output = new Output({ json: false, verbose: false })
  const said: string[] = []
  const events: string[] = []
  vi.spyOn(output, 'note').mockImplementation(() => undefined)
  vi.spyOn(output, 'event').mockImplementation((event, _, text = '') => {
    events.push(event)
    said.push(text)
  })
  const line = parseLine([...args, '--config', path.join(root, 'sheetflow.config.json')], erase.options)
  const code = await erase.run(line, output)
  return { code, text: stripVTControlCharacters(said.join('\n')), events }
}

const filesWithSecret = (): string[] => readdirSync(bus()).filter((file) => readFileSync(path.join(bus(), file)).includes(SECRET))

test('a row that its stream has not seen deleted is refused, with the reason, and nothing is written', async () => {
  const { text, code } = await ran('items', '7', '--dry-run')
  expect(text).toContain('not yet the source shop cannot be asked whether it still has the row')
  expect(text).toContain('not yet the stream of shop does not say yet that shop!public.items 7 was deleted')
  expect(code).toBe(1)
  await expect(ran('items', '7', '--yes')).rejects.toMatchObject({ code: 'erase/not-yet' })
  expect(filesWithSecret()).toEqual(['SF_SRC_shop.db'])
  expect(readdirSync(path.join(root, '.sheetflow'))).not.toContain('erasures')
})

test('one that is gone is erased though its source is away; what is out of reach is told', async () => {
  await rows('2', ['d', [7], null, null])
  const dry = await ran('items', '7', '--dry-run')
  expect(dry.text).toContain('would   stream SF_SRC_shop: 1')
  expect(dry.text).toContain('could not be asked whether it is gone there; its stream says so')
  expect(filesWithSecret()).toEqual(['SF_SRC_shop.db'])
  const { text, code } = await ran('shop!items', '7', '--yes')
  expect(text).toContain('erased  stream SF_SRC_shop: 1')
  for (const place of ['pages that are open', 'backups', 'the source itself']) expect(text).toContain(`unknown ${place}`)
  expect(code).toBe(0)
  expect(filesWithSecret()).toEqual([])
  expect(await ran('items', '8', '--dry-run')).toMatchObject({ code: 1 })
})

test('what cannot be read is told with its place and when it goes, and erasing goes on; rows beside it are erased, one that was mangled too', async () => {
  await raw('{"v":1,', 'public.items')
  await raw('{"v":1,', 'public.others')
  await rows('2', ['u', [7], [7], null] as unknown as RowChange, ['c', { x: 1 } as never, [9, 'Spoon', '1.00'], null])
  await raw(JSON.stringify({ v: 1, tx: 't3', first: 0, table: 'public.items', schema: 1, rows: MANGLED }), 'public.items')
  await rows('4', ['d', [7], null, null])
  const { text, code } = await ran('items', '7', '--yes')
  expect(text).toMatch(/erased {2}stream SF_SRC_shop: 3/)
  expect(text).toMatch(/unknown unreadable in stream SF_SRC_shop: 3, until 20\d\d-/)
  expect(text).toMatch(/offset 3, 5, 6 \(look: sheetflow dlq list\)/)
  expect(text).toContain('erased wherever it can be read; 3 messages cannot be')
  expect(code).toBe(1)
  expect(filesWithSecret()).toEqual([])
  // What is not the row's stands as it was written.
  expect(readFileSync(path.join(bus(), 'SF_SRC_shop.db')).includes('no row at all')).toBe(true)
})

test('while a store on a server cannot be asked nothing is erased', async () => {
  await rows('2', ['d', [7], null, null])
  const file = path.join(root, 'sheetflow.config.json')
  const config = JSON.parse(readFileSync(file, 'utf8')) as object
  writeFileSync(file, JSON.stringify({ ...config, stores: { main: { type: 'postgres', url: 'postgres://127.0.0.1:1/views' } } }))
  const { text } = await ran('items', '7', '--dry-run')
  expect(text).toContain('not yet the store main cannot be asked how far it is')
  await expect(ran('items', '7', '--yes')).rejects.toMatchObject({ code: 'erase/not-yet' })
  expect(filesWithSecret()).toEqual(['SF_SRC_shop.db'])
})

test('an archive that another erasure is rewriting is left alone, and nothing else is changed; when that has ended it goes on', async () => {
  await rows('2', ['d', [7], null, null])
  const folder = path.join(root, 'archive')
  const file = path.join(root, 'sheetflow.config.json')
  const config = JSON.parse(readFileSync(file, 'utf8')) as object
  writeFileSync(file, JSON.stringify({ ...config, archive: { type: 'files', dir: folder } }))
  await using archive = await openFileArchive(folder)
  {
    await using _other = await claimArchive(archive, { place: 'elsewhere:/data', about: { pid: 1 } })
    await expect(ran('items', '7', '--yes')).rejects.toMatchObject({ code: 'erase/busy' })
    expect(filesWithSecret()).toEqual(['SF_SRC_shop.db'])
    expect((await ran('items', '7', '--dry-run')).text).toContain('would   stream SF_SRC_shop: 1')
  }
  expect((await ran('items', '7', '--yes')).text).toContain('erased  stream SF_SRC_shop: 1')
  expect(filesWithSecret()).toEqual([])
  expect(await archive.list('')).toEqual([])
})

test('dead letters that name its key are told, with what to do', async () => {
  await rows('2', ['d', [7], null, null])
  await letters([letter('shop-5', [7]), letter('shop-6', [8])], [letter('shop-4', [7])])
  const { text, code } = await ran('items', '7', '--yes')
  expect(text).toContain('remains dead letters of w: 1')
  expect(text).toContain('sheetflow dlq drop shop-5')
  expect(text).toContain('unknown past dead letters of w: 1')
  expect(code).toBe(1)
})

test('files of the bus that are no stream of this configuration are told', async () => {
  await rows('2', ['d', [7], null, null])
  writeFileSync(path.join(bus(), 'SF_SRC_shop.db.damaged-1'), SECRET)
  mkdirSync(path.join(root, '.sheetflow/state'))
  writeFileSync(path.join(root, '.sheetflow/state/old.db'), SECRET)
  const { text, code } = await ran('items', '7', '--yes')
  expect(text).toContain('remains other files of the bus: 1')
  expect(text).toContain('SF_SRC_shop.db.damaged-1')
  expect(text).toContain('remains checkpoints of other graphs: 1')
  expect(code).toBe(1)
})

test('it says how it is called', async () => {
  for (const args of [
    [],
    ['items'],
    ['items', '7'],
    ['items', '7', '--yes', '--dry-run'],
    ['itms', '7', '--dry-run'],
    ['items', 'x', '--dry-run'],
  ]) {
    await expect(ran(...args)).rejects.toMatchObject({ code: 'app/usage', fix: expect.any(String) as string })
  }
})
