import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openSqliteBus } from '@sheetflow/bus/sqlite/sqlite-bus'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import { readOutputs } from '@sheetflow/engine/testing/role-bench'
import { SourceWriter } from '@sheetflow/engine/testing/source-writer'
import { expect, test } from 'vitest'

/** The graph's process may be starved for long. */
const PATIENCE_MS = 100_000

const NOTES: TableSchema = {
  v: 1,
  table: 'public.notes',
  schema: 1,
  hash: '1',
  key: ['id'],
  columns: [
    { name: 'id', id: 1, type: 'int', null: false },
    { name: 'text', id: 2, type: 'text', null: true },
  ],
}

const SHEETS = {
  'notes.sheet.yaml': 'rows: =shop!notes\nkeep: [text]\ncolumns:\n  score: =SCORE([@text])\n  upper: =UPPER([@text])\nread: {clerk: all}\n',
  'long.sheet.yaml': 'rows: =FILTER(notes, notes[score]>4)\nkeep: [text]\nread: {clerk: all}\n',
}

/** Answers the length of a text, unless the file `down` is there; writes down whatever it is asked. */
const FUNCTIONS = `import { appendFileSync, existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineFunctions, TryLater } from 'sheetflow'
const file = (name) => fileURLToPath(new URL(name, import.meta.url))
export default defineFunctions({
  score: {
    version: '1', params: { text: 'text' }, result: 'int',
    run: ({ text }) => {
      appendFileSync(file('asked'), text + '\\n')
      if (existsSync(file('down'))) throw new TryLater('the service is down')
      return text.length
    },
  },
})
`

const note = (id: number, text: string): RowChange => ['u', [id], [id, text], null]
const BUSY = { e: '#BUSY!', of: 'score' }

test('law 8: a function that is down delays only its own cells, over kill -9 too; a replay asks for nothing that is answered; then all catch up', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'sheetflow-outage-'))
  mkdirSync(path.join(root, 'workbooks/sales'), { recursive: true })
  for (const [name, text] of Object.entries(SHEETS)) writeFileSync(path.join(root, 'workbooks/sales', name), text)
  writeFileSync(path.join(root, 'functions.mjs'), FUNCTIONS)
  const [down, asked] = [path.join(root, 'down'), path.join(root, 'asked')]
  await using bus = await openSqliteBus({ dir: path.join(root, '.sheetflow/bus') })
  const source = new SourceWriter(bus, 'shop')
  await source.load([NOTES])
  const write = async (...rows: readonly RowChange[]): Promise<void> => await source.rows([['public.notes', 1, rows]])
  let process = start(root)
  try {
    await write(note(1, 'good'), note(2, 'splendid'))
    const first = await until(bus, source, (notes) => notes.length === 2 && notes.every((row) => typeof row[2] === 'number'))
    expect(first).toEqual({
      notes: [
        [1, 'good', 4, 'GOOD'],
        [2, 'splendid', 8, 'SPLENDID'],
      ],
      long: [[2, 'splendid']],
    })

    writeFileSync(down, '')
    await write(note(1, 'better'), note(2, 'bad'), note(3, 'new one'))
    const waiting = {
      notes: [
        [1, 'better', 4, 'BETTER'],
        [2, 'bad', 8, 'BAD'],
        [3, 'new one', BUSY, 'NEW ONE'],
      ],
      long: [[2, 'bad']],
    }
    expect(await until(bus, source, (notes) => notes.length === 3)).toEqual(waiting)

    await process.kill()
    writeFileSync(asked, '')
    process = start(root)
    await write(note(4, 'x'))
    const after = await until(bus, source, (notes) => notes.length === 4)
    expect(after).toEqual({ ...waiting, notes: [...waiting.notes, [4, 'x', BUSY, 'X']] })
    const again = existsSync(asked) ? readFileSync(asked, 'utf8') : ''
    expect(again).not.toMatch(/good|splendid/)

    rmSync(down)
    const last = await until(bus, source, (notes) => notes.every((row) => row[2] === (row[1] as string).length))
    expect(last.long).toEqual([
      [1, 'better'],
      [3, 'new one'],
    ])
  } finally {
    await process.kill()
    rmSync(root, { recursive: true, force: true })
  }
})

function start(root: string): { kill(): Promise<void> } {
  const main = fileURLToPath(new URL('graph-process.ts', import.meta.url))
  const child = spawn(globalThis.process.execPath, ['--conditions=source', '--disable-warning=ExperimentalWarning', main, root], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

interface Read {
  readonly notes: readonly RowJson[]
  readonly long: readonly RowJson[]
}

/** What readers have as soon as it is so. The source's time goes on meanwhile. */
async function until(bus: Bus, source: SourceWriter, condition: (notes: readonly RowJson[]) => boolean): Promise<Read> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const { reader } = await readOutputs(bus)
    const sorted = (view: string): readonly RowJson[] => reader.rows(view).toSorted((a, b) => Number(a[0]) - Number(b[0]))
    const read = { notes: sorted('sales.notes'), long: sorted('sales.long') }
    if (condition(read.notes)) return read
    if (performance.now() > deadline) throw new Error(`waited in vain: ${JSON.stringify(read)}`)
    await source.heartbeat()
    await sleep(50)
  }
}
