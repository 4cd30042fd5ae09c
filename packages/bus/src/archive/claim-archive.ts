import { createHash } from 'node:crypto'
import { SheetflowError, isSheetflowError } from '@sheetflow/core/errors'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'

/** Where claims stand: beside the folders of streams, whose names begin otherwise. */
const CLAIMS = '_erasing/'

/** Who rewrites an archive. */
export interface ArchiveClaimant {
  /** The same for every try from one place (a data folder on a machine), and only for those: they follow each other. */
  readonly place: string
  /** For people: who, since when. */
  readonly about: Readonly<Record<string, string | number>>
}

/**
 * Takes the archive for `rewriteArchive`, so that one rewrites at a time: two at once would each write a segment anew from what it was before the other, and what one erased would stand on
 * in what the other wrote. `erase/busy` if another place has it, also one whose process has died: it has begun to erase and has to end it. A claim that is left of the same place is taken over. Of two
 * who come at once one is refused, or both. Released by disposing.
 */
export async function claimArchive(store: ArchiveStore, { place, about }: ArchiveClaimant): Promise<AsyncDisposable> {
  const own = `${CLAIMS}${createHash('sha256').update(place).digest('hex').slice(0, 16)}`
  // What is left of an earlier life tells of that one.
  await store.delete(own)
  await store.put(own, new TextEncoder().encode(`${JSON.stringify({ place, ...about })}\n`))
  // Put before looking: of two neither can miss the other.
  const others = (await store.list(CLAIMS)).filter((name) => name !== own)
  const told = await Promise.all(others.map((name) => textOf(store, name)))
  const holder = told.findIndex((text) => text !== null)
  if (holder === -1) return { [Symbol.asyncDispose]: () => store.delete(own) }
  await store.delete(own)
  throw busy(others[holder] ?? '', told[holder] ?? '')
}

/** Null: it was released meanwhile. */
async function textOf(store: ArchiveStore, name: string): Promise<string | null> {
  try {
    return new TextDecoder().decode(await store.get(name)).trim()
  } catch (error) {
    if (isSheetflowError(error, 'store/unknown')) return null
    throw error
  }
}

function busy(object: string, text: string): SheetflowError {
  return new SheetflowError('erase/busy', `another erasure has the archive: ${text}`, {
    retry: 'later',
    fix: `Wait until it has ended. If its process has died, give the same command again from its data folder, which ends what it began; if that folder is gone, delete ${object} in the archive and run both erasures.`,
    details: { object },
  })
}
