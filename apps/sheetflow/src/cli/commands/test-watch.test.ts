import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { capturedProject } from '../testing/captured-project.ts'

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url))
const PATIENT = { timeout: 90_000 }

const ITEMS = `rows: =shop!items
columns:
  twice: =[@price]*2
tests:
  - name: the price counts twice
    given:
      shop!items: [{id: 1, price: 1.50}]
    expect:
      - {id: 1, twice: 3}
`

let root: string
let running: ChildProcess | null = null

beforeAll(async () => {
  root = await capturedProject({ 'items.sheet.yaml': ITEMS })
})

afterAll(() => rmSync(root, { recursive: true }))

afterEach(() => void running?.kill('SIGKILL'))

it('sheetflow test --watch runs again after each edit, lives through files that are broken, and ends well at Ctrl-C', async () => {
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--disable-warning=ExperimentalWarning', MAIN, 'test', '--watch', '--json'],
    {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  running = child
  const ended = new Promise((resolve) => child.once('exit', resolve))
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const summaries = (): unknown[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { readonly event: string })
      .filter(({ event }) => event === 'summary')
  const file = path.join(root, 'workbooks/w/items.sheet.yaml')
  await expect.poll(summaries, PATIENT).toEqual([{ event: 'summary', passed: 1, failed: 0, errors: 0 }])
  writeFileSync(file, ITEMS.replace('*2', '*3'))
  await expect.poll(() => summaries().at(-1), PATIENT).toEqual({ event: 'summary', passed: 0, failed: 1, errors: 0 })
  writeFileSync(file, ITEMS.replace('*2', '*'))
  await expect.poll(() => summaries().at(-1), PATIENT).toMatchObject({ passed: 0, failed: 0 })
  writeFileSync(file, ITEMS)
  await expect.poll(() => summaries().at(-1), PATIENT).toEqual({ event: 'summary', passed: 1, failed: 0, errors: 0 })
  // Written, and the same: nothing is run.
  const before = summaries().length
  writeFileSync(file, readFileSync(file, 'utf8'))
  child.kill('SIGINT')
  expect(await ended).toBe(0)
  expect(summaries()).toHaveLength(before)
})
