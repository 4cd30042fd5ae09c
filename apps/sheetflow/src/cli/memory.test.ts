import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const COMMAND = fileURLToPath(new URL('../../bin/sheetflow.js', import.meta.url))
/** Every process that is begun tells its tunables. */
const TELL = Buffer.from('process.stderr.write(`tunables=${process.env.GLIBC_TUNABLES ?? "none"}\\n`)').toString('base64')
const TUNED = 'glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=1048576'

/** The tunables of the process that does the work: the last one. */
function tunablesOf(args: readonly string[], own?: string): string | undefined {
  const { GLIBC_TUNABLES: _, ...env } = process.env
  const { stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
    encoding: 'utf8',
    env: { ...env, ...(own === undefined ? {} : { GLIBC_TUNABLES: own }), NODE_OPTIONS: `--import=data:text/javascript;base64,${TELL}` },
  })
  return [...stderr.matchAll(/^tunables=(.*)$/gm)].at(-1)?.[1]
}

describe.runIf(process.platform === 'linux')('memory in pages of 2 MiB, which goes back when it is freed', () => {
  it('is asked for by the commands that keep state', () => {
    expect([tunablesOf(['start', '--help']), tunablesOf(['dev', '--help'])]).toEqual([TUNED, TUNED])
  })

  it('is not asked for by others, nor where somebody has set tunables', () => {
    expect([tunablesOf(['lint', '--help']), tunablesOf(['start', '--help'], 'glibc.malloc.check=0')]).toEqual([
      'none',
      'glibc.malloc.check=0',
    ])
  })
})
