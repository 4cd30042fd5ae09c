import { Findings, type Finding } from '../diagnostic.ts'

/** Files whose reading is remembered, and characters of them together; what was read longest ago is forgotten first. */
const MAX_FILES = 1_000
const MAX_LENGTH = 1_000_000

interface Read<T> {
  readonly text: string
  readonly file: T
  readonly findings: readonly Finding[]
}

/**
 * Remembers what files were read as: of a workbook that is deployed again only the files are read whose text is another. What is read is never changed.
 */
export class ReadAgain<T> {
  readonly #read: (path: string, text: string, findings: Findings) => T
  readonly #known = new Map<string, Read<T>>()
  #length = 0

  constructor(read: (path: string, text: string, findings: Findings) => T) {
    this.#read = read
  }

  read(path: string, text: string, findings: Findings): T {
    const known = this.#known.get(path)
    if (known?.text === text) {
      for (const one of known.findings) findings.add(one)
      return known.file
    }
    this.#forget(path)
    const own = new Findings()
    const file = this.#read(path, text, own)
    for (const one of own.all) findings.add(one)
    this.#known.set(path, { text, file, findings: own.all })
    this.#length += text.length
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_FILES && this.#length <= MAX_LENGTH) break
      this.#forget(oldest)
    }
    return file
  }

  #forget(path: string): void {
    this.#length -= this.#known.get(path)?.text.length ?? 0
    this.#known.delete(path)
  }
}
