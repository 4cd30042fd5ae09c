import type { CharTest } from './char-test.ts'
import type { Place, RegexNode } from './regex-node.ts'

/** One step of a matcher; where it does not say, the next one follows. */
export type Instruction =
  | { readonly op: 'char'; readonly test: CharTest }
  | { readonly op: 'place'; readonly place: Place }
  | { readonly op: 'save'; readonly slot: number }
  /** Both are tried, `first` is preferred. */
  | { readonly op: 'split'; readonly first: number; readonly second: number }
  | { readonly op: 'jump'; readonly to: number }
  | { readonly op: 'match' }

/** Counted repeats are written out: a program that grows beyond this is refused. */
export const MAX_INSTRUCTIONS: number = 5_000

/** Thompson's construction: the steps of a matcher of the tree. Slots 0 and 1 are the whole match. Null where it would be too large. */
export function programOf(node: RegexNode): readonly Instruction[] | null {
  const writer = new ProgramWriter()
  writer.write({ kind: 'group', index: 0, of: node })
  writer.push({ op: 'match' })
  return writer.instructions.length > MAX_INSTRUCTIONS ? null : writer.instructions
}

class ProgramWriter {
  readonly instructions: Instruction[] = []

  push(instruction: Instruction): number {
    return this.instructions.push(instruction) - 1
  }

  write(node: RegexNode): void {
    if (this.instructions.length > MAX_INSTRUCTIONS) return
    switch (node.kind) {
      case 'empty':
        return
      case 'char':
        this.push({ op: 'char', test: node.test })
        return
      case 'place':
        this.push({ op: 'place', place: node.place })
        return
      case 'sequence':
        for (const part of node.parts) this.write(part)
        return
      case 'either':
        this.#either(node.options)
        return
      case 'group':
        this.push({ op: 'save', slot: node.index * 2 })
        this.write(node.of)
        this.push({ op: 'save', slot: node.index * 2 + 1 })
        return
      case 'repeat':
        this.#repeat(node)
    }
  }

  #either(options: readonly RegexNode[]): void {
    const ends: number[] = []
    for (const [index, option] of options.entries()) {
      if (index === options.length - 1) {
        this.write(option)
        break
      }
      const split = this.#hole()
      this.write(option)
      ends.push(this.#hole())
      this.#fill(split, { op: 'split', first: split + 1, second: this.#here })
    }
    for (const end of ends) this.#fill(end, { op: 'jump', to: this.#here })
  }

  #repeat({ of, least, most, lazy }: RegexNode & { kind: 'repeat' }): void {
    const copies = most === Infinity ? least - 1 : least
    for (let i = 0; i < copies && this.#hasRoom; i++) this.write(of)
    if (most === Infinity) {
      this.#endless(of, least === 0, lazy)
      return
    }
    const splits: number[] = []
    for (let i = least; i < most && this.#hasRoom; i++) {
      splits.push(this.#hole())
      this.write(of)
    }
    for (const split of splits) this.#fill(split, fork(split + 1, this.#here, lazy))
  }

  /** Once and again, or not at all. What matched nothing is not asked a second time at its place, but goes on: so `(|a)*` matches nothing, as in PCRE2. */
  #endless(of: RegexNode, optional: boolean, lazy: boolean): void {
    const entry = optional ? this.#hole() : null
    const body = this.#here
    this.write(of)
    this.push(fork(body, this.#here + 1, lazy))
    if (entry !== null) this.#fill(entry, fork(body, this.#here, lazy))
  }

  get #here(): number {
    return this.instructions.length
  }

  get #hasRoom(): boolean {
    return this.instructions.length <= MAX_INSTRUCTIONS
  }

  /** A place that is filled when it is known where to go. */
  #hole(): number {
    return this.push({ op: 'match' })
  }

  #fill(at: number, instruction: Instruction): void {
    this.instructions[at] = instruction
  }
}

function fork(inside: number, outside: number, lazy: boolean): Instruction {
  return lazy ? { op: 'split', first: outside, second: inside } : { op: 'split', first: inside, second: outside }
}
