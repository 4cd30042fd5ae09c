import type { Timers } from '../host.ts'

/**
 * A page does not go back in time: a server may know less than another one for a moment. One that has said for so long that its lists end before what was shown has another history now, as after its
 * bus was restored from a backup (FORMATS 3): what was shown never comes again.
 */
const SURE_MS = 30_000

/** Decides when lists that are whole, but of before what was shown, are those of another history. */
export class EarlierHistory {
  readonly #timers: Timers
  readonly #begun: () => void
  #end: (() => void) | null = null

  /** `begun` is called when it is sure. */
  constructor(timers: Timers, begun: () => void) {
    this.#timers = timers
    this.#begun = begun
  }

  /** Are the lists of now whole and earlier than what was shown? */
  look(isEarlier: boolean): void {
    if (!isEarlier) this.close()
    else
      this.#end ??= this.#timers.after(SURE_MS, () => {
        this.#end = null
        this.#begun()
      })
  }

  close(): void {
    this.#end?.()
    this.#end = null
  }
}
