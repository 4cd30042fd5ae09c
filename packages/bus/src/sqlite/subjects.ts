import { crc32 } from 'node:zlib'
import { corrupt } from './failure.ts'
import type { StreamFile } from './stream-file.ts'

/** What the file knows about one subject: its last retained message (0: none) and that message's bytes. */
export interface SubjectRow {
  readonly id: number
  readonly subject: string
  readonly last: number
  readonly bytes: number
}

/** The name of row 0, which says up to which offset the table is right. */
const STAMP = ''

/**
 * The table of subjects, held in memory as this connection last saw it. `sync` brings it up to date when somebody else has written since:
 * cheap for the one writer of a stream, and right for the many writers of an inbox.
 */
export class Subjects {
  readonly #file: StreamFile
  readonly #rows = new Map<string, SubjectRow>()
  /** Connection and its `data_version` (counts what other connections wrote) for which `#rows` are right. */
  #seen = ''

  constructor(file: StreamFile) {
    this.#file = file
  }

  /** Loads the table unless it stands at `last` in memory already. Call it inside a transaction. */
  sync(last: number): void {
    const now = `${this.#file.generation}/${String(this.#file.statement('PRAGMA data_version').get()?.['data_version'])}`
    if (this.#seen === now) return
    this.#rows.clear()
    let next = 0
    for (const row of this.#file.statement('SELECT id, subject, last, bytes, crc FROM subjects ORDER BY id').all()) {
      const known = {
        id: row['id'] as number,
        subject: row['subject'] as string,
        last: row['last'] as number,
        bytes: row['bytes'] as number,
      }
      // Numbers count up without a gap: a row that a damaged page lost is noticed.
      if (known.id !== next++ || checksum(known) !== row['crc'])
        throw corrupt(this.#file.stream, null, 'its table of subjects fails its checksum')
      this.#rows.set(known.subject, known)
    }
    if ((this.#rows.get(STAMP)?.last ?? 0) !== last) throw corrupt(this.#file.stream, last, 'its table of subjects is of another moment')
    this.#seen = now
  }

  /** Every subject with a retained message, in no order. */
  *retained(): IterableIterator<SubjectRow> {
    for (const row of this.#rows.values()) if (row.last > 0 && row.subject !== STAMP) yield row
  }

  /** Bytes of the messages that stand below `first` because a trim kept them. */
  keptBytes(first: number): number {
    let bytes = 0
    for (const row of this.retained()) if (row.last < first) bytes += row.bytes
    return bytes
  }

  /** Writes the last messages of these subjects, and that the table is right up to `last`. Inside a write transaction; on its failure call `forget`. */
  record(lasts: ReadonlyMap<string, { readonly last: number; readonly bytes: number }>, last: number): void {
    if (!this.#rows.has(STAMP)) this.#write({ id: 0, subject: STAMP, last: 0, bytes: 0 })
    for (const [subject, place] of lasts) this.#write({ id: this.#rows.get(subject)?.id ?? this.#rows.size, subject, ...place })
    this.#write({ id: 0, subject: STAMP, last, bytes: 0 })
  }

  /** What is in memory may not be in the file: load it again. */
  forget(): void {
    this.#seen = ''
  }

  #write(row: SubjectRow): void {
    this.#rows.set(row.subject, row)
    this.#file
      .statement('INSERT OR REPLACE INTO subjects (id, subject, last, bytes, crc) VALUES (?, ?, ?, ?, ?)')
      .run(row.id, row.subject, row.last, row.bytes, checksum(row))
  }
}

function checksum(row: SubjectRow): number {
  return crc32(JSON.stringify([row.id, row.subject, row.last, row.bytes]))
}
