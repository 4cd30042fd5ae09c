import { readdirSync, watch, type FSWatcher } from 'node:fs'
import path from 'node:path'

/** Editors write a file in several steps; what comes within this time is one edit. */
const SETTLE_MS = 40

/**
 * Calls back after each edit in the folder or in a folder directly below it, until the signal aborts. Folders are watched, not files: editors
 * replace files by new ones, which a watch on the file would not see.
 */
export function watchFolder(folder: string, signal: AbortSignal, changed: () => void): void {
  const watchers = new Map<string, FSWatcher>()
  let timer: NodeJS.Timeout | undefined
  const settle = (): void => {
    clearTimeout(timer)
    timer = setTimeout(changed, SETTLE_MS)
  }
  const watchOne = (at: string, heard: () => void): void => {
    if (signal.aborted || watchers.has(at)) return
    try {
      const watcher = watch(at, heard)
      watchers.set(at, watcher)
      // A folder that is moved away while it is watched: the folder above tells when it is back.
      watcher.on('error', () => {
        watcher.close()
        watchers.delete(at)
      })
    } catch {
      // It has just gone.
    }
  }
  const rescan = (): void => {
    const there = new Set(foldersIn(folder))
    for (const [at, watcher] of watchers) {
      if (at === folder || there.has(at)) continue
      watcher.close()
      watchers.delete(at)
    }
    for (const at of there) watchOne(at, settle)
    settle()
  }
  signal.addEventListener(
    'abort',
    () => {
      clearTimeout(timer)
      for (const watcher of watchers.values()) watcher.close()
    },
    { once: true },
  )
  watchOne(folder, rescan)
  for (const at of foldersIn(folder)) watchOne(at, settle)
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.join(folder, entry.name))
  } catch {
    return []
  }
}
