import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { diskLogOf, type DiskLog } from './disk-log.ts'
import { readCalls, straceArguments } from './system-calls.ts'

/** Null: programs can be recorded here. Else why not. */
export function whyNoRecorder(): string | null {
  try {
    execFileSync('strace', ['-f', '-o', '/dev/null', 'true'], { stdio: 'ignore' })
    return null
  } catch {
    return 'there is no strace here, or it may not trace (apt-get install strace; ptrace has to be allowed)'
  }
}

/**
 * Runs a script to its end under `strace`, with everything that it starts, and returns what was done to the files of `root`. The script gets one argument (`remoteArgument`) and notes
 * what matters in the file `journal`, a line each. Throws with what it said if it does not end with 0.
 */
export async function recordScript(
  script: URL,
  argument: unknown,
  { root, journal }: { readonly root: string; readonly journal: string },
): Promise<DiskLog> {
  const folder = mkdtempSync(join(tmpdir(), 'sheetflow-record-'))
  const record = join(folder, 'calls')
  try {
    const node = [
      process.execPath,
      '--conditions=source',
      '--disable-warning=ExperimentalWarning',
      fileURLToPath(script),
      JSON.stringify(argument),
    ]
    const child = spawn('strace', [...straceArguments(record), ...node], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const out of [child.stdout, child.stderr]) out.setEncoding('utf8').on('data', (text: string) => (said += text))
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0) throw new Error(`the recorded script ended with ${String(code)}:\n${said}`)
    return diskLogOf(readCalls(record), root, journal)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
