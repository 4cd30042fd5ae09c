import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'

/** The repository's folder. */
export const ROOT: string = join(import.meta.dirname, '..')

/** After a polite end was asked for. */
const KILL_AFTER_MS = 15_000

/** How a command ended, and what it printed if its output was kept. */
export interface Ended {
  /** Exit code; 128 + the signal's number if a signal ended it. */
  readonly code: number
  readonly output: string
  /** True if it was ended because it ran longer than allowed. */
  readonly late: boolean
}

/** How to run a command. */
export interface CommandOptions {
  /** Keep the output instead of passing it on. */
  readonly quiet?: boolean
  readonly env?: Readonly<Record<string, string>>
  /** End it after so long. */
  readonly limitMs?: number
  readonly signal?: AbortSignal
}

/**
 * Runs a program of `node_modules/.bin`, a script of the repository (`x.ts`), or a program of the system, in the repository's folder, to its end.
 * An abort or the limit asks it to end (SIGTERM) and insists later (SIGKILL); the result comes when it is gone. Standard input is empty.
 */
export async function run(command: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const [program, ...args] = resolveCommand(command)
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', options.quiet === true ? 'pipe' : 'inherit', options.quiet === true ? 'pipe' : 'inherit'],
  })
  const output: string[] = []
  child.stdout?.setEncoding('utf8').on('data', (text: string) => output.push(text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => output.push(text))
  let late = false
  let insist: NodeJS.Timeout | undefined
  const end = (): void => {
    child.kill('SIGTERM')
    insist ??= setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS)
  }
  const limit =
    options.limitMs === undefined
      ? undefined
      : setTimeout(() => {
          late = true
          end()
        }, options.limitMs)
  options.signal?.addEventListener('abort', end, { once: true })
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    return { code: code ?? 128 + constants.signals[signal ?? 'SIGKILL'], output: output.join(''), late }
  } catch (error) {
    return { code: 127, output: `${program} could not be started: ${error instanceof Error ? error.message : String(error)}\n`, late }
  } finally {
    clearTimeout(limit)
    clearTimeout(insist)
    options.signal?.removeEventListener('abort', end)
  }
}

/** Scripts and JavaScript programs run under this very Node: a shebang would pick whatever the path offers. */
function resolveCommand([name = '', ...args]: readonly string[]): [string, ...string[]] {
  if (name.endsWith('.ts')) return [process.execPath, ...process.execArgv, join(ROOT, name), ...args]
  const link = join(ROOT, 'node_modules/.bin', name)
  return existsSync(link) ? [process.execPath, realpathSync(link), ...args] : [name, ...args]
}
