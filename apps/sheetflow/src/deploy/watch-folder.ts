import { watch } from 'node:fs'

/** Editors write a file in several steps; what comes within this time is one edit. */
const SETTLE_MS = 40

/** Calls back after each edit below the folder, until the signal aborts. */
export function watchFolder(folder: string, signal: AbortSignal, changed: () => void): void {
  let timer: NodeJS.Timeout | undefined
  const watcher = watch(folder, { recursive: true, signal }, () => {
    clearTimeout(timer)
    timer = setTimeout(changed, SETTLE_MS)
  })
  // A folder that is moved away while it is watched: edits are seen again after the next start.
  watcher.on('error', () => undefined)
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
}
