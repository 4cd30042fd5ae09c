import { inboxStart } from '@sheetflow/core/framing/inbox-place'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Log } from '@sheetflow/core/ports/host'
import type { InboxPlace } from '@sheetflow/core/position'
import { sourceInbox } from '@sheetflow/core/subject'

/**
 * Where the lives of one capture role go on in the inbox. The end of the source's stream says where, and goes on saying so until the next commit: what has once been found to speak of another inbox
 * is not believed again.
 */
export class InboxStarts {
  readonly #bus: Bus
  readonly #source: string
  readonly #log: Log | undefined
  #replaced: { readonly said: InboxPlace; readonly place: InboxPlace } | null = null

  constructor(bus: Bus, source: string, log: Log | undefined) {
    this.#bus = bus
    this.#source = source
    this.#log = log
  }

  /** `said`: what the end of the source's stream says. `isNew`: it is not true of the inbox, and that is found out now. */
  async start(said: InboxPlace, signal: AbortSignal): Promise<{ readonly place: InboxPlace; readonly isNew: boolean }> {
    if (this.#replaced !== null && isSame(this.#replaced.said, said)) return { place: this.#replaced.place, isNew: false }
    this.#replaced = null
    const { place, setBack } = await inboxStart(this.#bus, await this.#bus.ensure(sourceInbox(this.#source)), said, signal)
    if (setBack === null) return { place, isNew: false }
    this.#log?.warn('inbox.set-back', { source: this.#source, reason: setBack, from: place.offset + 1 })
    this.#replaced = { said, place }
    return { place, isNew: true }
  }
}

function isSame(one: InboxPlace, other: InboxPlace): boolean {
  return one.offset === other.offset && one.at?.epoch === other.at?.epoch && one.at?.tx === other.at?.tx
}
