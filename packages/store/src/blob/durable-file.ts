import { randomUUID } from 'node:crypto'
import { mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'

/** Files in `incoming` that are older were left by a process that died. */
const LEFT_OVER_MS = 24 * 3_600_000

/** Makes the folder where files are written before they get their name, and clears away what dead processes left there. */
export async function openIncoming(folder: string): Promise<string> {
  const incoming = join(folder, INCOMING)
  await mkdir(incoming, { recursive: true })
  const oldest = Date.now() - LEFT_OVER_MS
  for await (const entry of await opendir(incoming)) {
    const file = join(incoming, entry.name)
    const modified = await stat(file).then(
      (found) => found.mtimeMs,
      () => Infinity,
    )
    if (modified < oldest) await rm(file, { force: true })
  }
  return incoming
}

/** Name of the folder that `openIncoming` makes. */
export const INCOMING = 'incoming'

/**
 * Writes a file so that what has the name is whole, also after a power cut: under another name, synced, renamed, and the folders up to `root` synced.
 * `root` is a folder above it on the same file system.
 */
export async function writeDurably(
  file: string,
  bytes: Uint8Array,
  places: { readonly incoming: string; readonly root: string },
): Promise<void> {
  const temporary = join(places.incoming, randomUUID())
  try {
    await writeThrough(temporary, bytes)
    await mkdir(dirname(file), { recursive: true })
    await rename(temporary, file)
    const root = resolve(places.root)
    for (let folder = dirname(resolve(file)); ; folder = dirname(folder)) {
      await syncFolder(folder)
      if (folder === root || folder === dirname(folder)) break
    }
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** The error of a file as the store's: `store/full`, `store/unknown`, `store/unavailable`. `what` stands in "the … could not …". */
export function fileError(what: string, error: unknown): unknown {
  if (!(error instanceof Error) || isSheetflowError(error) || error.name === 'AbortError') return error
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT') return new SheetflowError('store/unknown', `${what}: it is not there`, { cause: error })
  const full = code === 'ENOSPC' || code === 'EDQUOT'
  return new SheetflowError(full ? 'store/full' : 'store/unavailable', `${what}: ${code || error.message}`, {
    retry: 'later',
    fix: full ? 'Free some space on its disk.' : 'Check that its folder exists and may be written.',
    cause: error,
  })
}

async function writeThrough(file: string, bytes: Uint8Array): Promise<void> {
  await using handle = await open(file, 'wx')
  await handle.writeFile(bytes)
  await handle.sync()
}

/** Makes a rename survive a power cut. Where folders cannot be synced (Windows), the system does it by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  await using handle = await open(folder, 'r')
  await handle.sync()
}
