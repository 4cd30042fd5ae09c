import { SHORTHANDS, type CharTest } from './char-test.ts'
import type { Place } from './regex-node.ts'
import type { Instruction } from './regex-program.ts'

/** How many steps a call may still take. Below 0 what was found does not count. */
export interface Steps {
  left: number
}

/** A position that a thread has passed, and those before it. */
interface Saved {
  readonly slot: number
  readonly at: number
  readonly before: Saved | null
}

/**
 * Pike's matcher: all ways through the program at once, character by character, in the order of preference, each instruction at most once a character. It
 * finds what a backtracking matcher finds first, in time that grows with the text's length times the program's.
 */
export class RegexRunner {
  readonly #program: readonly Instruction[]
  readonly #first: CharTest | null
  #now: Threads
  #next: Threads
  /** Where to go on after the way that is preferred, the last first. */
  readonly #later: number[] = []
  readonly #laterSaved: (Saved | null)[] = []
  #depth = 0

  constructor(program: readonly Instruction[]) {
    this.#program = program
    this.#first = firstTest(program)
    this.#now = new Threads(program.length)
    this.#next = new Threads(program.length)
  }

  /** The leftmost match at or behind `from`: the positions of its slots, −1 for those of groups that took no part. Null: there is none, or no steps are left. */
  search(text: string, from: number, slots: number, steps: Steps): readonly number[] | null {
    let matched: Saved | null = null
    this.#now.clear()
    for (let at = from; steps.left >= 0;) {
      if (matched === null) {
        if (this.#now.count === 0) at = this.#skip(text, at)
        this.#follow(this.#now, 0, null, text, at, steps)
      }
      const code = text.codePointAt(at) ?? -1
      const behind = at + (code > 0xffff ? 2 : 1)
      this.#next.clear()
      matched = this.#step(text, code, behind, steps) ?? matched
      if (code < 0 || (this.#next.count === 0 && matched !== null)) break
      const free = this.#now
      this.#now = this.#next
      this.#next = free
      at = behind
    }
    return matched === null || steps.left < 0 ? null : positions(matched, slots)
  }

  /** Where a match may begin. */
  #skip(text: string, from: number): number {
    const first = this.#first
    if (first === null) return from
    let at = from
    while (at < text.length) {
      const code = text.codePointAt(at) ?? 0
      if (first(code)) return at
      at += code > 0xffff ? 2 : 1
    }
    return text.length
  }

  /** Takes one character on all ways; the positions of a match that ends before it. What is preferred less than that match ends. */
  #step(text: string, code: number, behind: number, steps: Steps): Saved | null {
    const { count, places, saved } = this.#now
    for (let i = 0; i < count; i++) {
      const place = places[i] ?? 0
      const instruction = this.#program[place]
      if (instruction?.op === 'match') return saved[i] ?? null
      steps.left--
      if (instruction?.op === 'char' && code >= 0 && instruction.test(code))
        this.#follow(this.#next, place + 1, saved[i] ?? null, text, behind, steps)
    }
    return null
  }

  /** Puts the instructions that wait for a character, as reached from `start`, into the list. */
  #follow(list: Threads, start: number, before: Saved | null, text: string, at: number, steps: Steps): void {
    let place = start
    let saved = before
    this.#depth = 0
    for (;;) {
      const instruction = list.enter(place) ? this.#program[place] : undefined
      steps.left--
      switch (instruction?.op) {
        case 'jump':
          place = instruction.to
          continue
        case 'split':
          this.#later[this.#depth] = instruction.second
          this.#laterSaved[this.#depth++] = saved
          place = instruction.first
          continue
        case 'save':
          saved = { slot: instruction.slot, at, before: saved }
          place++
          continue
        case 'place':
          if (isPlace(instruction.place, text, at)) {
            place++
            continue
          }
          break
        case 'char':
        case 'match':
          list.add(place, saved)
          break
        case undefined:
      }
      if (this.#depth === 0) return
      place = this.#later[--this.#depth] ?? 0
      saved = this.#laterSaved[this.#depth] ?? null
    }
  }
}

/** The ways that are followed at one character, the preferred first. */
class Threads {
  readonly places: Int32Array
  readonly saved: (Saved | null)[] = []
  count = 0
  readonly #entered: Int32Array
  #round = 1

  constructor(size: number) {
    this.places = new Int32Array(size)
    this.#entered = new Int32Array(size)
  }

  clear(): void {
    this.count = 0
    this.#round++
  }

  /** False where an instruction was reached before, by a way that is preferred. */
  enter(place: number): boolean {
    if (this.#entered[place] === this.#round) return false
    this.#entered[place] = this.#round
    return true
  }

  add(place: number, saved: Saved | null): void {
    this.places[this.count] = place
    this.saved[this.count++] = saved
  }
}

function positions(matched: Saved, slots: number): readonly number[] {
  const result = new Array<number>(slots).fill(-1)
  for (let one: Saved | null = matched; one !== null; one = one.before) if (result[one.slot] === -1) result[one.slot] = one.at
  return result
}

/** Which characters a match can begin with; null if it may be empty. */
function firstTest(program: readonly Instruction[]): CharTest | null {
  const tests: CharTest[] = []
  const seen = new Set<number>()
  const stack = [0]
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    if (seen.has(place)) continue
    seen.add(place)
    const instruction = program[place]
    if (instruction === undefined || instruction.op === 'match') return null
    if (instruction.op === 'char') tests.push(instruction.test)
    else if (instruction.op === 'split') stack.push(instruction.first, instruction.second)
    else stack.push(instruction.op === 'jump' ? instruction.to : place + 1)
  }
  return (code) => tests.some((test) => test(code))
}

function isPlace(place: Place, text: string, at: number): boolean {
  switch (place) {
    case 'start':
      return at === 0
    case 'end':
      return at === text.length
    case 'last-line':
      return at === text.length || (at === text.length - 1 && text.endsWith('\n'))
    case 'line-start':
      return at === 0 || (at < text.length && text.charAt(at - 1) === '\n')
    case 'line-end':
      return at === text.length || text.charAt(at) === '\n'
    case 'word-edge':
      return isWordEdge(text, at)
    case 'no-word-edge':
      return !isWordEdge(text, at)
  }
}

function isWordEdge(text: string, at: number): boolean {
  return isWord(text, at - 1) !== isWord(text, at)
}

function isWord(text: string, at: number): boolean {
  return at >= 0 && at < text.length && SHORTHANDS['w']?.(text.charCodeAt(at)) === true
}
