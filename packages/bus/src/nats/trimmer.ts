import type { TrimLimits } from '@sheetflow/core/ports/bus'
import { subjectMatches } from '@sheetflow/core/subject'
import type { ReaderRecord } from './control.ts'
import { assertStill } from './failure.ts'
import { RETAIN_MS, RETAIN_RENEW_MS } from '../promises.ts'
import type { StreamDoor } from './parts.ts'
import type { Pulled } from './pull.ts'
import { scan } from './scan.ts'
import { CONTROL_STREAM, plainSubject } from './subjects.ts'
import { storedAtOf, storedBytes } from './wire-message.ts'

/** What is known of a message that may be dropped. Its subject is the one on the wire. */
interface Place {
  readonly seq: number
  readonly subject: string
}

/** Questions about kept subjects that are open at once. */
const AT_ONCE = 64

/**
 * Retention of one stream: who still needs what, and what is dropped. The server drops for itself (`purge`); which messages must stay is
 * found by reading the headers of those that go. `first` is raised before anything goes: whoever dies in between leaves messages that nobody reads, and the next trim takes them along.
 */
export class Trimmer {
  readonly #door: StreamDoor
  /** What this process wrote last for each reader, so that an unchanged wish costs nothing. */
  readonly #written = new Map<string, { readonly offset: number; readonly at: number }>()

  constructor(door: StreamDoor) {
    this.#door = door
  }

  async retain(reader: string, offset: number): Promise<void> {
    const { now, control } = this.#door.parts
    const at = now()
    const written = this.#written.get(reader)
    if (written?.offset === offset && at - written.at < RETAIN_RENEW_MS) return
    await this.#door.server()
    await control.writeReader(this.#door.name, { reader, offset, at })
    this.#written.set(reader, { offset, at })
  }

  async trim(limits: TrimLimits): Promise<void> {
    if (limits.maxAgeMs === undefined && limits.maxBytes === undefined) return
    // What is kept does not go, though it was counted: after a round there may be more to drop.
    while (await this.#round(limits));
  }

  /** True if something was dropped. */
  async #round(limits: TrimLimits): Promise<boolean> {
    const { link, control } = this.#door.parts
    const server = await this.#door.server()
    const { first } = await this.#door.record(server)
    const border = Math.min(await this.retained(), server.state.last_seq)
    if (border < first) return false
    const { cut, places } = await link.patiently(() => this.#search(first, border, server.state.bytes, limits))
    if (cut === first) return false
    const { name } = this.#door
    await control.change(name, (record) => {
      assertStill(name, server.created, record?.created)
      return { ...record!, first: Math.max(record!.first, cut) }
    })
    await this.#drop(server.created, places, cut, limits.keep ?? [])
    return true
  }

  /** Where to cut, and what stands before: kept messages too. */
  async #search(
    first: number,
    border: number,
    bytes: number,
    limits: TrimLimits,
  ): Promise<{ readonly cut: number; readonly places: readonly Place[] }> {
    const places: Place[] = []
    let cut = first
    let left = bytes
    for await (const pulled of scan(this.#door.parts.link, this.#door.name, { headersOnly: true })) {
      for (const each of pulled) {
        if (each.seq >= first) {
          if (each.seq > border || !this.#mayGo(each, left, limits)) return { cut, places }
          left -= storedBytes(each.message)
          cut = each.seq + 1
        }
        places.push({ seq: each.seq, subject: each.message.subject })
      }
    }
    return { cut, places }
  }

  #mayGo({ message }: Pulled, bytesLeft: number, { maxAgeMs = Infinity, maxBytes = Infinity }: TrimLimits): boolean {
    return bytesLeft > maxBytes || storedAtOf(message) <= this.#door.parts.now() - maxAgeMs
  }

  /**
   * Everything up to this offset may go: no reader of the last 24 hours needs it. The readers are asked for one by one: of a consumer of the last message of
   * each subject a server of 2.9 has left a record out that it had acknowledged right before.
   */
  async retained(): Promise<number> {
    const { name, parts } = this.#door
    const { streams } = parts.link.manager
    const filter = `sf.bus.${name}.reader.>`
    const { state } = await parts.link.patiently(() => streams.info(CONTROL_STREAM, { subjects_filter: filter }))
    const ours = [...this.#written.values()].filter(({ at }) => at > parts.now() - RETAIN_MS)
    let offset = Math.min(Number.MAX_SAFE_INTEGER, ...ours.map((one) => one.offset))
    for (const subject of Object.keys(state.subjects ?? {})) {
      const message = await parts.link.patiently(() => streams.getMessage(CONTROL_STREAM, { last_by_subj: subject }))
      const reader = message?.json<ReaderRecord>()
      if (reader !== undefined && reader.at > parts.now() - RETAIN_MS) offset = Math.min(offset, reader.offset)
    }
    return offset
  }

  async #drop(created: string, places: readonly Place[], cut: number, keep: readonly string[]): Promise<void> {
    const lasts = new Map(places.map(({ subject, seq }) => [subject, seq]))
    const kept = await this.#kept(lasts, keep)
    const lowest = Math.min(...kept.values(), cut)
    await this.#purge(created, lowest)
    if (lowest === cut) return
    const above = new Set(places.filter(({ seq }) => seq > lowest).map(({ subject }) => subject))
    for (const pattern of patternsOf(
      [...above].filter((subject) => !kept.has(subject)),
      [...kept.keys()],
    ))
      await this.#purge(created, cut, pattern)
    for (const [subject, seq] of kept) if (above.has(subject)) await this.#purge(created, seq, subject)
  }

  /** Of these subjects those whose last message stays, and where it stands. */
  async #kept(lasts: ReadonlyMap<string, number>, keep: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { name, parts } = this.#door
    const wanted = [...lasts].filter(([subject]) => isKept(plainSubject(name, subject), keep))
    const kept = new Map<string, number>()
    for (let i = 0; i < wanted.length; i += AT_ONCE) {
      const asked = wanted.slice(i, i + AT_ONCE).map(async ([subject, seq]) => {
        const { streams } = parts.link.manager
        const found = await parts.link.patiently(() => streams.getMessage(name, { last_by_subj: subject }))
        if (found?.seq === seq) kept.set(subject, seq)
      })
      await Promise.all(asked)
    }
    return kept
  }

  /** Drops what stands before this sequence number, of one pattern of subjects or of all. A server of 2.9 takes "before the first" for "everything". */
  async #purge(created: string, seq: number, filter?: string): Promise<void> {
    if (seq <= 1) return
    const { name, parts } = this.#door
    const wish = filter === undefined ? { seq } : { filter, seq }
    await this.#door.toThis(created, () => parts.link.manager.streams.purge(name, wish))
  }
}

/** Few patterns that match all of these subjects and none of the kept ones: `…orders` and `…customers` are `…*` together. */
function patternsOf(subjects: readonly string[], kept: readonly string[]): ReadonlySet<string> {
  const patterns = new Set<string>()
  for (const subject of subjects) {
    const family = `${subject.slice(0, subject.lastIndexOf('.') + 1)}*`
    patterns.add(kept.some((each) => subjectMatches(family, each)) ? subject : family)
  }
  return patterns
}

/** The last message of these subjects outlives every trim: without it nobody could read the stream any more. */
function isKept(subject: string, keep: readonly string[]): boolean {
  const tokens = subject.split('.')
  return tokens.includes('_schema') || tokens.includes('_ctl') || keep.some((pattern) => subjectMatches(pattern, subject))
}
