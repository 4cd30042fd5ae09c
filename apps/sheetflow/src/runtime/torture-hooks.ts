import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { PostgresSettings } from '@sheetflow/source/postgres/settings'
import { breakRule, isBreakableRule, SNAPSHOT_RULES, type BreakableRule } from '@sheetflow/core/breakage'

/** What `npm run torture` changes of a running Sheetflow: how snapshots are read, and one rule that it switches off. */
interface TortureHooks {
  readonly break?: BreakableRule
  readonly chunkRows?: number
  readonly readDelayMs?: number
  /** Silence after which a lease is taken over. */
  readonly silentMs?: number
  /** When a file of the stream's name appears in this folder, the process stops itself right before it gives that stream its next append. */
  readonly stopFolder?: string
}

/** The hooks of the environment; null in every other process. */
function tortureHooks(): TortureHooks | null {
  const text = process.env['SHEETFLOW_TORTURE']
  if (text === undefined) return null
  const { break: rule, ...reading } = JSON.parse(text) as Readonly<Record<string, unknown>>
  return { ...reading, ...(typeof rule === 'string' && isBreakableRule(rule) ? { break: rule } : {}) }
}

/** Switches the rule off in this thread. */
export function breakRuleByEnvironment(): void {
  const rule = tortureHooks()?.break
  if (rule !== undefined) breakRule(rule)
}

/** How a source reads its tables under torture; nothing otherwise. */
export function tortureSettings(): Pick<PostgresSettings, 'chunkRows' | 'faults'> {
  const hooks = tortureHooks()
  if (hooks === null) return {}
  const { break: rule, chunkRows, readDelayMs } = hooks
  return {
    ...(chunkRows === undefined ? {} : { chunkRows }),
    faults: {
      off: new Set(SNAPSHOT_RULES.filter((one) => one === rule)),
      ...(readDelayMs === undefined ? {} : { readDelayMs: () => Math.random() * readDelayMs }),
    },
  }
}

/** The times of leases under torture. */
export function leaseSettings(): { readonly silentMs?: number } {
  const silentMs = tortureHooks()?.silentMs
  return silentMs === undefined ? {} : { silentMs }
}

/** Lets a test stop the whole process (SIGSTOP) between its last look at anything and an append; the file that asked for it is gone then. */
export function stopBeforeAppends(bus: Bus): void {
  const folder = tortureHooks()?.stopFolder
  if (folder === undefined) return
  const append = bus.append.bind(bus)
  bus.append = async (stream, messages, options) => {
    if (isTaken(path.join(folder, stream))) process.kill(process.pid, 'SIGSTOP')
    return await append(stream, messages, options)
  }
}

/** A request is taken by whoever removes its file; who asked may have taken it back meanwhile. */
function isTaken(request: string): boolean {
  if (!existsSync(request)) return false
  try {
    rmSync(request)
    return true
  } catch {
    return false
  }
}

/** Lets the parent process kill roles by name. */
export function killRolesOnRequest(kill: (role: string) => Promise<void>): void {
  if (tortureHooks() === null) return
  process.on('message', (message) => {
    const role = (message as Readonly<Record<string, unknown>>)['kill']
    if (typeof role === 'string') void kill(role)
  })
  // Listening must not keep the process alive.
  process.channel?.unref()
}
