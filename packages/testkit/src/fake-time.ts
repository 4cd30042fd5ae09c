import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A clock that a program is given instead of the machine's. Time that only counts (`performance.now`, timers) stays right. */
export interface FakeTime {
  /** For the environment of the program. */
  readonly env: Readonly<Record<string, string>>
  /** From now on its clock differs from the machine's by so much: `+1d`, `-26h`, `+0`. */
  set(offset: string): void
}

const KEPT = join(tmpdir(), 'sheetflow-libfaketime.so')
const run = promisify(execFile)

/** Debian's libfaketime for programs that are linked to the C library (a Go program asks the kernel itself). `file` holds the offset. Null where it is not to be had. */
export async function fakeTime(file: string): Promise<FakeTime | null> {
  if (!(await isFetched())) return null
  const set = (offset: string): void => writeFileSync(file, `${offset}\n`)
  set('+0')
  return {
    env: { LD_PRELOAD: KEPT, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
    set,
  }
}

/** The package is unpacked, not installed. */
async function isFetched(): Promise<boolean> {
  if (existsSync(KEPT)) return true
  if (process.platform !== 'linux') return false
  const folder = mkdtempSync(join(tmpdir(), 'sheetflow-faketime-'))
  try {
    // apt's unprivileged user has to get at the folder.
    chmodSync(folder, 0o755)
    await run('apt-get', ['download', 'libfaketime'], { cwd: folder })
    const file = readdirSync(folder).find((name) => name.endsWith('.deb')) ?? ''
    await run('dpkg', ['-x', join(folder, file), folder])
    const library = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('libfaketimeMT.so.1'))
    if (library === undefined) return false
    renameSync(join(folder, library), KEPT)
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
