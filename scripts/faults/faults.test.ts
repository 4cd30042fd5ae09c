import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Result } from './results.ts'

/** The run loop as it stands, over scenarios of this file: a clone that has nothing else. */

const ROOT = join(import.meta.dirname, '../..')
const PATIENT_MS = 600_000

/** What each scenario does when it runs; each writes its name and seed into the file `runs` first. */
const SCENARIOS: Readonly<Record<string, string>> = {
  'disk-full': `
    test.each(BUSES)('over %s', (bus) => {
      console.info(JSON.stringify({ bus, produced: 7 }))
      console.info('{"this is no object')
    })`,
  'hook-broken': `
    describe('a ring', () => {
      beforeAll(() => { throw new Error('the ring did not start') })
      test('is broken', () => undefined)
    })`,
  'import-broken': `await import('./gone.ts')`,
  'leader-killed': `
    test('every time', () => undefined)
    test('once more', () => expect(existsSync('mended')).toBe(true))`,
  'never-here': `test.runIf(false)('on other machines', () => undefined)`,
  'stands-still': `test('for ever', () => { writeFileSync('pid', String(process.pid)); return new Promise(() => setInterval(() => undefined, 1_000)) })`,
}
const HEAD = `
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
const BUSES = ['sqlite', 'nats'].filter((bus) => (process.env['SHEETFLOW_FAULTS_BUS'] ?? bus) === bus)
`

vi.setConfig({ testTimeout: PATIENT_MS })

const clone = mkdtempSync(join(tmpdir(), 'sheetflow-faults-clone-'))
const inClone = (name: string): string => join(clone, name)

beforeAll(() => {
  for (const name of [
    'package.json',
    'vitest.config.ts',
    'scripts/command.ts',
    'scripts/suites.ts',
    'scripts/test-order.ts',
    'scripts/faults',
  ]) {
    mkdirSync(dirname(inClone(name)), { recursive: true })
    cpSync(join(ROOT, name), inClone(name), { recursive: true })
  }
  rmSync(inClone('scripts/faults/faults.test.ts'))
  symlinkSync(join(ROOT, 'node_modules'), inClone('node_modules'))
  writeFileSync(inClone('.gitignore'), 'node_modules\nresults/\nruns\npid\nmended\n')
  const folder = inClone('apps/ring/test')
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(SCENARIOS)) {
    const note = `appendFileSync('runs', \`${name} \${process.env['SHEETFLOW_SEED']}\\n\`)`
    writeFileSync(join(folder, `${name}.fault.test.ts`), `/**\n * What ${name} is.\n * Expected: this.\n */${HEAD}${note}\n${text}\n`)
  }
  git('init', '--quiet')
  git('add', '.')
  git('-c', 'user.name=test', '-c', 'user.email=test@example.org', 'commit', '--quiet', '-m', 'all')
})

afterAll(() => rmSync(clone, { recursive: true, force: true }))

test('names and what is expected are listed; words that nobody knows end with 2 and say what there is', async () => {
  const listed = await faults('--list', 'full', 'leader')
  expect(listed).toMatchObject({ code: 0, err: '' })
  expect(listed.out).toBe('disk-full\n    What disk-full is. Expected: this.\nleader-killed\n    What leader-killed is. Expected: this.\n')
  for (const [args, said] of [
    [['disc-full'], 'there is no scenario disc-full: disk-full, hook-broken'],
    [['--bus', 'kafka'], 'there is no bus kafka: sqlite, nats'],
    [['--seeds', 'many'], 'npm run faults -- [NAME …]'],
    [['--minutes', '0'], 'npm run faults -- [NAME …]'],
    [['--often'], "Unknown option '--often'"],
  ] as const) {
    const { code, err } = await faults(...args)
    expect(err).toContain(said)
    expect(code).toBe(2)
  }
})

test('each run is a line with its figures; what failed, could not begin or was skipped never counts as passed', async () => {
  const names = ['disk-full', 'hook-broken', 'import-broken', 'leader-killed', 'never-here']
  const first = await faults(...names, '--json')
  expect(first.code).toBe(1)
  const results = linesOf(first.out)
  expect(results.map(({ scenario, passed, failed, skipped }) => [scenario, passed, failed, skipped])).toEqual([
    ['disk-full', 2, 0, 0],
    ['hook-broken', 0, 1, 1],
    ['import-broken', 0, 1, 0],
    ['leader-killed', 1, 1, 0],
    ['never-here', 0, 0, 1],
  ])
  const [full, hook, imports, leader] = results
  expect(full?.runs).toEqual([
    { bus: 'sqlite', produced: 7 },
    { bus: 'nats', produced: 7 },
  ])
  expect(hook?.failures.join()).toContain('the ring did not start')
  expect(imports?.failures.join()).toContain('gone.ts')
  expect(leader?.failures).toEqual([expect.stringContaining('once more: ')])
  expect(readFileSync(inClone('results/faults-hook-broken-both-1.log'), 'utf8')).toContain('the ring did not start')
  expect(kept()).toEqual(results)
  expect(JSON.parse(readFileSync(inClone('results/faults.json'), 'utf8'))).toMatchObject({
    passed: 3,
    failed: 3,
    skipped: 2,
    scenarios: { 'disk-full': { runs: 1, failedSeeds: [] }, 'leader-killed': { runs: 1, failedSeeds: [1] } },
  })
  // What was interrupted, mended or has not run goes on; what passed stands.
  writeFileSync(inClone('mended'), '')
  writeFileSync(inClone('runs'), '')
  const second = await faults('disk-full', 'leader', 'never')
  expect(second.code).toBe(0)
  expect(second.out).toMatch(
    /^passed before +disk-full .*\npassed +leader-killed .*\nskipped +never-here .*\n4 passed, 0 failed, 1 skipped/m,
  )
  expect(ran()).toEqual(['leader-killed 1', 'never-here 1'])
})

test('seeds, one bus, and everything once more', async () => {
  writeFileSync(inClone('runs'), '')
  const one = await faults('disk', '--bus', 'nats', '--seed', '4', '--seeds', '2', '--json')
  expect(one.code).toBe(0)
  expect(linesOf(one.out).map(({ seed, bus, runs }) => [seed, bus, runs])).toEqual([
    [4, 'nats', [{ bus: 'nats', produced: 7 }]],
    [5, 'nats', [{ bus: 'nats', produced: 7 }]],
  ])
  await faults('disk', '--bus', 'nats', '--seed', '4', '--again')
  expect(ran()).toEqual(['disk-full 4', 'disk-full 5', 'disk-full 4'])
})

test('files that are not committed stand for no commit: nothing that they passed is known', async () => {
  writeFileSync(inClone('new.txt'), '')
  git('add', 'new.txt')
  try {
    writeFileSync(inClone('runs'), '')
    for (let i = 0; i < 2; i++) expect((await faults('disk')).code).toBe(0)
    expect(ran()).toEqual(['disk-full 1', 'disk-full 1'])
  } finally {
    git('rm', '--quiet', '-f', 'new.txt')
  }
})

test('what is interrupted has no outcome, and nothing of it is left running', async () => {
  rmSync(inClone('pid'), { force: true })
  const child = start('stands-still')
  const end = ended(child)
  await expect.poll(() => existsSync(inClone('pid')) && readFileSync(inClone('pid'), 'utf8') !== '', { timeout: PATIENT_MS }).toBe(true)
  child.kill('SIGTERM')
  expect((await end).code).toBe(130)
  expect(kept().some(({ scenario }) => scenario === 'stands-still')).toBe(false)
  await expect.poll(() => isThere(Number(readFileSync(inClone('pid'), 'utf8'))), { timeout: PATIENT_MS }).toBe(false)
})

test('what stands still is ended after its time, counts as failed, and the next one runs', async () => {
  writeFileSync(inClone('runs'), '')
  const { code, out } = await faults('stands-still', 'disk', '--again', '--minutes', '0.2', '--seeds', '1')
  expect(code).toBe(1)
  expect(out).toMatch(/^FAILED +stands-still .*\n +it did not end within 0.2 minutes/m)
  expect(ran()).toEqual(['disk-full 1', 'stands-still 1'])
})

function start(...args: readonly string[]): ChildProcess {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VITEST|SHEETFLOW_|NODE_OPTIONS|NODE_ENV)/.test(name)))
  return spawn(process.execPath, ['scripts/faults/main.ts', ...args], { cwd: clone, env, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function faults(...args: readonly string[]): ReturnType<typeof ended> {
  return await ended(start(...args))
}

async function ended(child: ChildProcess): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const texts = { out: '', err: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (texts.out += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (texts.err += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...texts }
}

function linesOf(text: string): readonly Result[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Result)
}

/** What stands in `results/faults.jsonl`. */
function kept(): readonly Result[] {
  return linesOf(readFileSync(inClone('results/faults.jsonl'), 'utf8'))
}

/** The scenarios that ran, with their seeds. */
function ran(): readonly string[] {
  return readFileSync(inClone('runs'), 'utf8').trim().split('\n')
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function git(...args: readonly string[]): void {
  execFileSync('git', args, { cwd: clone })
}
