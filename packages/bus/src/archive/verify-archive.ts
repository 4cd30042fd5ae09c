import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import type { Segment } from './segment.ts'
import { getListedSegment, listSegments } from './segment.ts'
import type { SegmentName } from './segment-name.ts'

/** What `verifyArchive` found. */
export interface ArchiveReport {
  readonly stream: string
  readonly segments: number
  readonly messages: number
  /** Of the whole archive; 0 and 0 if it is empty. */
  readonly first: number
  readonly last: number
  /** Offsets that no segment has, from and to: the stream was trimmed there before it was archived. */
  readonly gaps: readonly (readonly [first: number, last: number])[]
  /** Segments in which something was erased. */
  readonly erased: number
  /** Segments that are damaged, or of which the one before is not the one that they were written behind. */
  readonly damage: readonly SheetflowError[]
}

/** Reads the whole archive of a stream: checksums, order of the messages, and the chain from segment to segment. Changes nothing. */
export async function verifyArchive(store: ArchiveStore, stream: string): Promise<ArchiveReport> {
  const names = await listSegments(store, stream)
  const check = new ChainCheck()
  for (const name of names) {
    try {
      check.segment(await getListedSegment(store, name))
    } catch (error) {
      if (!isSheetflowError(error)) throw error
      check.damage.push(error)
      check.lost()
    }
  }
  return {
    stream,
    segments: names.length,
    messages: check.messages,
    first: names[0]?.first ?? 0,
    last: names.reduce((end, { last }) => Math.max(end, last), 0),
    gaps: gapsOf(names),
    erased: check.erased,
    damage: check.damage,
  }
}

class ChainCheck {
  messages = 0
  erased = 0
  readonly damage: SheetflowError[] = []
  /** Every name that a segment so far has had: the next one was written behind one of them. */
  readonly #known = new Set<string>()
  /** Is a segment missing from the chain because it is damaged? It has been told already. */
  #isBroken = false

  segment({ name, prev, replaces, messages }: Segment): void {
    this.messages += messages.length
    if (replaces.length > 0) this.erased += 1
    if (messages.length !== name.last - name.first + 1 || messages.some(({ offset }, i) => offset !== name.first + i)) {
      this.#tell(name, 'its messages are not those that its name says')
    }
    if (prev !== null && !this.#known.has(prev) && !this.#isBroken) this.#tell(name, 'the segment that it was written behind is missing')
    this.#isBroken = false
    for (const hash of [name.sha256, ...replaces]) this.#known.add(hash)
  }

  /** A segment could not be read. */
  lost(): void {
    this.#isBroken = true
  }

  #tell({ stream, first, last }: SegmentName, what: string): void {
    this.damage.push(
      new SheetflowError('bus/corrupt', `the segment ${first}–${last} of ${stream} in the archive: ${what}`, {
        fix: 'Restore the missing file from a backup of the archive.',
        details: { stream, first, last },
      }),
    )
  }
}

function gapsOf(names: readonly SegmentName[]): [number, number][] {
  const gaps: [number, number][] = []
  let next = names[0]?.first ?? 1
  for (const { first, last } of names) {
    if (first > next) gaps.push([next, first - 1])
    next = Math.max(next, last + 1)
  }
  return gaps
}
