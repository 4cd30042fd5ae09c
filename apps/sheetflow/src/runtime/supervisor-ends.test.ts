import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkConfig } from '../config/load.ts'
import { Supervisor } from './supervisor.ts'

test('a role that has failed ends, though the module of its commands keeps its thread: else nobody would hear of it nor start it again', async () => {
  const root = mkdtempSync(path.join(tmpdir(), 'sheetflow-ends-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  // As a pool of connections would.
  writeFileSync(path.join(root, 'commands.mjs'), 'setInterval(() => undefined, 1_000)\nexport default new Map()\n')
  const source = { type: 'postgres', url: 'postgres://postgres@127.0.0.1:1/nobody', commands: 'commands.mjs' }
  const plan = { config: checkConfig({ sources: { shop: source } }, 'test'), root, graphs: [], dev: true }
  const supervisor = new Supervisor([{ kind: 'capture', source: 'shop' }], plan, null)
  onTestFinished(() => supervisor.stop())
  const told: unknown[] = []
  supervisor.on('fatal', (role, { code }) => told.push([role, code]))
  supervisor.start()
  await expect.poll(() => told).toEqual([['capture:shop', 'source/unreachable']])
})
