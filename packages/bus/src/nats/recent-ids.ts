import { ID_WINDOW } from '../promises.ts'
import type { Link } from './link.ts'
import { scan } from './scan.ts'
import { idOf } from './wire-message.ts'

/**
 * The ids of a stream's last 100,000 messages and where they stand, as far as a prefix of the stream is known. It is read from the stream itself (headers
 * alone) and kept up by what we append, so it does not depend on the server's clock, memory or restarts.
 */
export class RecentIds {
  readonly #link: Link
  readonly #stream: string
  readonly #offsets = new Map<string, number>()
  /** The ids in the order of their offsets; the first one stands at `#from`. */
  #ids: string[] = []
  #from = 0

  constructor(link: Link, stream: string) {
    this.#link = link
    this.#stream = stream
  }

  /** Up to which offset the ids are known; −1 before the first `sync`. */
  get last(): number {
    return this.#from + this.#ids.length - 1
  }

  offsetOf(id: string): number | undefined {
    return this.#offsets.get(id)
  }

  /** Reads what the stream got since, up to `last`: afterwards all is known up to there. */
  async sync(first: number, last: number): Promise<void> {
    const from = Math.max(first, last - ID_WINDOW + 1, this.last + 1)
    if (from > last) return this.#beginAt(last + 1)
    this.#beginAt(from)
    for (const { id, seq } of await this.#link.patiently(() => this.#read(from, last))) {
      // Behind single messages that a trim has kept there is a hole.
      this.#beginAt(seq)
      this.add(id, seq)
    }
    this.#beginAt(last + 1)
  }

  /** The message at this offset has this id. Ignored unless everything before is known: the next `sync` finds it. */
  add(id: string, offset: number): void {
    if (this.#from === 0 || offset !== this.last + 1) return
    this.#offsets.set(id, offset)
    this.#ids.push(id)
    if (this.#ids.length > 2 * ID_WINDOW) this.#forget(this.#ids.splice(0, ID_WINDOW))
  }

  /** The stream ends there: what was expected to stand behind does not. */
  truncate(last: number): void {
    while (this.#from > 0 && this.last > last && this.#ids.length > 0) {
      const offset = this.last
      const id = this.#ids.pop()!
      if (this.#offsets.get(id) === offset) this.#offsets.delete(id)
    }
  }

  /** It is another stream: nothing is known of it. */
  forget(): void {
    this.#ids = []
    this.#offsets.clear()
    this.#from = 0
  }

  async #read(from: number, last: number): Promise<readonly { readonly id: string; readonly seq: number }[]> {
    const found: { id: string; seq: number }[] = []
    for await (const pulled of scan(this.#link, this.#stream, { from, headersOnly: true })) {
      for (const { message, seq } of pulled) {
        if (seq > last) return found
        found.push({ id: idOf(message), seq })
      }
    }
    return found
  }

  /** The next offset is this one; what was known is forgotten unless it stands right before. */
  #beginAt(offset: number): void {
    if (this.#from > 0 && offset === this.last + 1) return
    this.#ids = []
    this.#offsets.clear()
    this.#from = offset
  }

  #forget(dropped: readonly string[]): void {
    for (const [i, id] of dropped.entries()) if (this.#offsets.get(id) === this.#from + i) this.#offsets.delete(id)
    this.#from += dropped.length
  }
}
