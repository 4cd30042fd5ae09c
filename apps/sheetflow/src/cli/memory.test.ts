import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const COMMAND = fileURLToPath(new URL('../../bin/sheetflow.js', import.meta.url))
/** Every process that is begun tells how its memory is kept. */
const TELL = Buffer.from(
  'process.stderr.write(`tunables=${process.env.GLIBC_TUNABLES ?? "none"} options=${process.env.NODE_OPTIONS}\\n`)',
).toString('base64')
const IMPORT = `--import=data:text/javascript;base64,${TELL}`
const TUNED = 'glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=1048576'

/** The tunables and the further options of Node of the process that does the work: the last one. */
function memoryOf(args: readonly string[], own: { readonly tunables?: string; readonly options?: string } = {}): readonly string[] {
  const { GLIBC_TUNABLES: _, ...env } = process.env
  const { stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
    encoding: 'utf8',
    env: {
      ...env,
      ...(own.tunables === undefined ? {} : { GLIBC_TUNABLES: own.tunables }),
      NODE_OPTIONS: [IMPORT, ...(own.options === undefined ? [] : [own.options])].join(' '),
    },
  })
  const told = [...stderr.matchAll(/^tunables=(\S*) options=(.*)$/gm)].at(-1)
  return [told?.[1] ?? '', told?.[2]?.replace(IMPORT, '').trim() ?? '']
}

describe.runIf(process.platform === 'linux')(
  'memory in pages of 2 MiB, which goes back when it is freed, and little room for young objects',
  () => {
    it('is asked for by the commands that keep state', () => {
      const tuned = [TUNED, '--max-semi-space-size=16']
      expect([memoryOf(['start', '--help']), memoryOf(['dev', '--help'])]).toEqual([tuned, tuned])
    })

    it('is not asked for by others, nor where somebody has set it', () => {
      expect(memoryOf(['lint', '--help'])).toEqual(['none', ''])
      const own = { tunables: 'glibc.malloc.check=0', options: '--max-semi-space-size=32' }
      expect(memoryOf(['start', '--help'], own)).toEqual([own.tunables, own.options])
    })
  },
)
