import { residentAnonMB, residentMB } from './resident.ts'

/** What a process held, in MB of 10^6 bytes, by the kernel's word. */
export interface Held {
  /** All of it: also pages of files, which the kernel takes back when somebody else needs them. */
  readonly resident: number
  /** What no file stands behind: memory that is nobody else's. */
  readonly anonymous: number
}

const LOOK_MS = 100

/** Looks at processes every tenth of a second, and keeps the most that each held. */
export class MemoryWatch implements Disposable {
  readonly #processes: ReadonlyMap<string, number>
  readonly #timer: NodeJS.Timeout
  #most = new Map<string, Held>()

  /** `processes`: name → number of the operating system. */
  constructor(processes: ReadonlyMap<string, number>) {
    this.#processes = processes
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    this.#look()
  }

  /** Of each process, by name: the most since the watch began or was begun anew. */
  most(): ReadonlyMap<string, Held> {
    this.#look()
    return this.#most
  }

  /** Forgets the past. Returns what each process holds now. */
  beginAnew(): ReadonlyMap<string, Held> {
    this.#most = new Map()
    this.#look()
    return new Map(this.#most)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    for (const [name, pid] of this.#processes) {
      const { resident, anonymous } = this.#most.get(name) ?? { resident: 0, anonymous: 0 }
      this.#most.set(name, { resident: Math.max(resident, residentMB(pid)), anonymous: Math.max(anonymous, residentAnonMB(pid)) })
    }
  }
}
