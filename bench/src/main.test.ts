import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))

function bench(...args: string[]): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=source', MAIN, ...args], { encoding: 'utf8' })
  return { status, text: stdout + stderr }
}

test('who asks what there is, or writes an option that there is not, gets the list; nothing runs', () => {
  for (const [status, ...args] of [
    [0, '--help'],
    [0, '-h'],
    [2, '--jsn', 'bus-append'],
    [2, 'nothing'],
  ] as const) {
    const answer = bench(...args)
    expect(answer.status).toBe(status)
    expect(answer.text).toContain('bus-append, engine, fan-out')
  }
})
