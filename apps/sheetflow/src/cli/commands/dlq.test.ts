import { rmSync } from 'node:fs'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { openSqliteBus } from '@sheetflow/bus'
import type { DeadLetter } from '@sheetflow/core/dead-letter'
import { encodeBody } from '@sheetflow/core/framing/codec'
import { graphInbox, graphStream, lettersSubject, sourceStream } from '@sheetflow/core/subject'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { capturedProject } from '../testing/captured-project.ts'
import { parseLine } from '../options.ts'
import { Output } from '../output.ts'
import { dlq } from './dlq.ts'

/** A folder in which a graph has said that a formula failed for some rows. */

const FAILED: DeadLetter = {
  id: 'w.items.size',
  state: 'open',
  source: null,
  table: 'w.items',
  key: [7],
  column: 'size',
  stream: sourceStream('shop'),
  offset: 3,
  code: 'engine/formula-failed',
  reason: 'a function of the formula failed: TypeError',
  stack: '    at len (text.ts:1:1)',
  times: 12,
  asks: 0,
  run: 0,
  at: '2026-11-26T00:00:00.000000Z',
  closedAt: null,
}

let root: string
beforeEach(async () => {
  root = await capturedProject({})
  await using writing = await openSqliteBus({ dir: bus() })
  const { epoch } = await writing.ensure(graphStream('w'))
  const { last } = await writing.range(sourceStream('shop'))
  const commit = { at: FAILED.at, causes: [], counts: {}, inputs: { [sourceStream('shop')]: { epoch, offset: last } } }
  const body = { v: 1, tx: '1-1', first: 0, kind: 'letters', open: [FAILED], closed: [], total: 1, commit }
  await writing.append(graphStream('w'), [{ subject: lettersSubject('w'), id: 'letters', body: encodeBody(body) }])
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const bus = (): string => path.join(root, '.sheetflow/bus')

async function ran(...args: string[]): Promise<string> {
  const output = new Output({ json: false, verbose: false })
  const said: string[] = []
  vi.spyOn(output, 'event').mockImplementation((_event, _fields, text = '') => void said.push(text))
  await dlq.run(parseLine([...args, '--config', path.join(root, 'sheetflow.config.json')], dlq.options), output)
  return stripVTControlCharacters(said.join('\n'))
}

test('a formula that failed is listed with its sheet, column, first row and how often', async () => {
  expect(await ran('list')).toContain('w.items.size  the formula of w.items[size], first for [7]')
  expect(await ran('show', 'w.items.size')).toMatch(/engine\/formula-failed: .*TypeError[\s\S]*12 times[\s\S]*at len/)
})

test('nobody can be asked again for it, which is said with what to do; it is forgotten by hand', async () => {
  await expect(ran('retry', 'w.items.size')).rejects.toMatchObject({
    code: 'app/usage',
    fix: expect.stringContaining('sheetflow dlq drop w.items.size') as string,
  })
  expect(await ran('drop', 'w.items.size')).toContain('w.items.size of w: forgotten')
  await using reading = await openSqliteBus({ dir: bus() })
  const bodies: unknown[] = []
  for await (const messages of reading.read(graphInbox('w'), { from: 1, untilNow: true }))
    for (const { body } of messages) bodies.push(JSON.parse(new TextDecoder().decode(body)))
  expect(bodies).toMatchObject([{ kind: 'letter', action: 'drop', ids: ['w.items.size'] }])
})
