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
    expect(answer.text).toContain('backlog, bus-append, engine, fan-out')
  }
})

test('a bus that there is not, and minutes that are no number, are refused before anything runs', () => {
  expect(bench('soak', '--bus', 'kafka').text).toContain('--bus kafka is neither sqlite nor nats')
  expect(bench('soak', '--minutes', '0').text).toContain('--minutes 0 is no whole number above 0')
})
