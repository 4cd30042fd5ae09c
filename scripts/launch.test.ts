import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const LAUNCHER = join(ROOT, 'scripts/launch.mjs')

/** Makes the launcher start a child instead of becoming the script, as it must on older Nodes and on Windows. */
const WITHOUT_EXEC = ['--import', 'data:text/javascript,delete process.execve']

const folder = mkdtempSync(join(tmpdir(), 'sheetflow-launch-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A script of one test, run by the launcher. */
function start(text: string, args: string[], flags: string[]): ChildProcess {
  const script = join(folder, `${Math.random().toString(36).slice(2)}.ts`)
  writeFileSync(script, text)
  return spawn(process.execPath, [...flags, LAUNCHER, script, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** All that it prints, and how it ends. */
async function ended(child: ChildProcess): Promise<{ code: number | null; signal: string | null; out: string; err: string }> {
  const texts = { out: '', err: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (texts.out += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (texts.err += text))
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { code, signal, ...texts }
}

describe.each([
  ['becoming the script', []],
  ['starting the script', WITHOUT_EXEC],
])('by %s', (_, flags) => {
  test('it runs TypeScript under the pinned Node, in the folder of the caller, with its arguments', async () => {
    const text =
      'const shown: unknown = [process.version.split(".")[0], process.cwd(), process.argv.slice(2)]\nconsole.log(JSON.stringify(shown))'
    const { code, out } = await ended(start(text, ['--port', 'a b'], flags))
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual(['v24', folder, ['--port', 'a b']])
  })

  test('the exit code is passed on', async () => {
    expect(await ended(start('process.exitCode = 7', [], flags))).toMatchObject({ code: 7, out: '', err: '' })
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('%s reaches the script once, which may take its time', async (signal) => {
    const text = `
      let heard = 0
      process.on('${signal}', () => {
        heard += 1
        console.log('heard ' + heard)
        setImmediate(() => process.exit(0))
      })
      setInterval(() => {}, 1000)
      console.log('ready')`
    const child = start(text, [], flags)
    child.stdout?.once('data', () => child.kill(signal))
    expect(await ended(child)).toMatchObject({ code: 0, out: 'ready\nheard 1\n' })
  })
})

test('a script that does not exist is one line', async () => {
  const child = spawn(process.execPath, [LAUNCHER, 'scripts/gone.ts'], { stdio: 'pipe' })
  expect(await ended(child)).toMatchObject({ code: 2, err: 'sheetflow: there is no scripts/gone.ts in this repository.\n' })
})

test('without a network, an installation says so and what to check', async () => {
  const clone = join(folder, 'clone')
  mkdirSync(join(clone, 'scripts'), { recursive: true })
  for (const name of ['.npmrc', 'scripts/launch.mjs']) copyFileSync(join(ROOT, name), join(clone, name))
  writeFileSync(join(clone, 'package.json'), '{"name":"bare","version":"1.0.0","dependencies":{"left-out":"1.0.0"}}')
  writeFileSync(
    join(clone, 'package-lock.json'),
    JSON.stringify({
      name: 'bare',
      version: '1.0.0',
      lockfileVersion: 3,
      packages: {
        '': { name: 'bare', version: '1.0.0', dependencies: { 'left-out': '1.0.0' } },
        'node_modules/left-out': { version: '1.0.0' },
      },
    }),
  )
  // Nothing listens on port 9 of this machine: every connection is refused.
  const npm = {
    npm_config_registry: 'http://127.0.0.1:9/',
    npm_config_cache: join(clone, 'cache'),
    npm_config_fetch_retries: '0',
    npm_config_proxy: '',
    npm_config_https_proxy: '',
    npm_config_noproxy: '*',
  }
  const child = spawn(process.execPath, [join(clone, 'scripts/launch.mjs'), 'scripts/x.ts'], {
    env: { ...process.env, ...npm },
    stdio: 'pipe',
  })
  const { code, err } = await ended(child)
  expect(err).toContain('sheetflow: no network: the npm registry could not be reached.')
  expect(code).toBe(4)
})
