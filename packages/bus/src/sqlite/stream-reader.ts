import { SheetflowError } from '@sheetflow/core/errors'
import type { ReadOptions, StoredMessage } from '@sheetflow/core/ports/bus'
import { subjectMatches } from '@sheetflow/core/subject'
import { decodeBlock, giveBack, isIntact, type Block } from './block.ts'
import { corrupt } from './failure.ts'
import { BLOCK_BYTES, BLOCK_MESSAGES } from './limits.ts'
import { BLOCK_COLUMNS, blockAt, readMeta, readTail } from './meta.ts'
import type { StreamFile } from './stream-file.ts'
import type { Subjects } from './subjects.ts'
import type { WakeUps } from './wake-ups.ts'

/** What one look into the file gave: the messages wanted, and the offset to go on from. */
interface Look {
  readonly messages: readonly StoredMessage[]
  readonly next: number
  /** What the bodies of the messages are views of. */
  readonly blocks: readonly Block[]
}

/** Reads a stream: forward from an offset, and the last message of each subject. All that is handed out has passed its checksum. */
export class StreamReader {
  readonly #file: StreamFile
  readonly #subjects: Subjects
  readonly #wakeUps: WakeUps
  readonly #guard: <T>(work: () => T) => T

  /** `guard` turns errors of SQLite into ours. */
  constructor(file: StreamFile, subjects: Subjects, wakeUps: WakeUps, guard: <T>(work: () => T) => T) {
    this.#file = file
    this.#subjects = subjects
    this.#wakeUps = wakeUps
    this.#guard = guard
  }

  async *read(options: ReadOptions, signal: AbortSignal): AsyncGenerator<readonly StoredMessage[]> {
    const wanted = subjectFilter(options.subjects)
    const end = options.untilNow === true ? this.#guard(() => this.#last()) : Infinity
    let next = Math.max(1, options.from)
    while (!signal.aborted && next <= end) {
      const seen = this.#wakeUps.count
      const look = this.#guard(() => this.#look(next, wanted, end))
      const moved = look.next > next
      next = look.next
      if (look.messages.length > 0) yield look.messages
      if (options.passing === true) for (const block of look.blocks) giveBack(block)
      // A reader that is behind lets the thread's other work in between two batches.
      await (moved ? turn() : this.#wakeUps.after(seen, signal))
    }
  }

  last(pattern: string): StoredMessage[] {
    return this.#guard(() =>
      this.#file.snapshot(() => {
        this.#subjects.sync(this.#last())
        const places = [...this.#subjects.retained()].filter(({ subject }) => subjectMatches(pattern, subject)).map((row) => row.last)
        return places.toSorted((a, b) => a - b).map((offset) => this.#messageAt(offset))
      }),
    )
  }

  #last(): number {
    return readTail(this.#file, readMeta(this.#file)).last
  }

  #look(from: number, wanted: (subject: string) => boolean, end: number): Look {
    const blocks = this.#file.snapshot(() => {
      const { first } = readMeta(this.#file)
      if (from < first) throw gone(this.#file.stream, from, first)
      return this.#blocksFrom(from)
    })
    if (blocks.length === 0 && end !== Infinity) throw corrupt(this.#file.stream, from, 'messages are missing')
    const messages: StoredMessage[] = []
    let next = from
    for (const block of blocks) {
      if (block.first > next) throw corrupt(this.#file.stream, next, 'messages are missing')
      if (!isIntact(block)) throw corrupt(this.#file.stream, next, 'a block fails its checksum')
      for (const message of decodeBlock(block)) {
        if (message.offset < next || message.offset > end || !wanted(message.subject)) continue
        messages.push(message)
      }
      next = block.last + 1
    }
    return { messages, next, blocks }
  }

  /**
   * The block of `from` and as many of the following as make no batch too large. The first is never too large by itself: it holds at most
   * what a batch may. The sizes of the others are known by subtraction, without loading their bodies.
   */
  #blocksFrom(from: number): Block[] {
    const head = this.#file.statement('SELECT total, length(data) AS bytes FROM blocks WHERE last >= ? ORDER BY last LIMIT 1').get(from)
    if (head === undefined) return []
    const upTo = Number(head['total']) + Math.max(0, BLOCK_BYTES - Number(head['bytes']))
    const sql = `SELECT ${BLOCK_COLUMNS} FROM blocks WHERE last >= ?1 AND last < ?1 + ${BLOCK_MESSAGES} AND total <= ?2 ORDER BY last`
    const blocks = this.#file.statement(sql).all(from, upTo) as unknown as Block[]
    if (blocks.length === 0) throw corrupt(this.#file.stream, from, 'messages are missing')
    return blocks
  }

  #messageAt(offset: number): StoredMessage {
    const block = blockAt(this.#file, offset)
    if (block === undefined || !isIntact(block)) throw corrupt(this.#file.stream, offset, 'a block is missing or fails its checksum')
    const message = decodeBlock(block)[offset - block.first]!
    // A copy: this message is likely to be kept, its block's other messages are not.
    return { ...message, body: message.body.slice() }
  }
}

/** Does a subject match one of the patterns? Each subject is matched once and remembered. */
function subjectFilter(patterns: readonly string[] | undefined): (subject: string) => boolean {
  if (patterns === undefined) return () => true
  const known = new Map<string, boolean>()
  return (subject) => {
    let wanted = known.get(subject)
    if (wanted === undefined) known.set(subject, (wanted = patterns.some((pattern) => subjectMatches(pattern, subject))))
    return wanted
  }
}

function gone(stream: string, from: number, first: number): SheetflowError {
  return new SheetflowError('bus/gone', `offset ${from} of stream ${stream} has been dropped; it begins at ${first} now`, {
    fix: 'Begin again: from a checkpoint or a snapshot that is not older.',
    details: { stream, from, first },
  })
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
