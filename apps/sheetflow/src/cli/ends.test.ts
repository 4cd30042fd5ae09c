import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

test('a command that has ended ends its process, though the module of functions has something open', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'sheetflow-ends-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(path.join(root, 'workbooks', 'sales'), { recursive: true })
  const config = {
    sources: { shop: { type: 'postgres', url: 'postgres://localhost/shop' } },
    // Nobody is there.
    bus: { type: 'nats', servers: ['nats://127.0.0.1:1'] },
    functions: 'functions.mjs',
  }
  writeFileSync(path.join(root, 'sheetflow.config.yaml'), JSON.stringify(config))
  writeFileSync(path.join(root, 'functions.mjs'), 'setInterval(() => undefined, 1_000)\nexport default new Map()\n')
  const child = spawn(process.execPath, ['--conditions=source', '--disable-warning=ExperimentalWarning', MAIN, 'start', '--port', '0'], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // What hangs is ended here, and has no code.
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect({ code, said }).toEqual({ code: expect.any(Number), said: expect.stringContaining('bus/unavailable') })
})
