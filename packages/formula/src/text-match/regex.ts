import { evaluationAtHand, spend } from '../value/budget.ts'
import { parseRegex } from './regex-parse.ts'
import { MAX_INSTRUCTIONS, programOf, type Instruction } from './regex-program.ts'
import { RegexRunner, type Steps } from './regex-run.ts'

/** Longer patterns are refused. */
const MAX_PATTERN = 4_096
/** Steps of one call, some tenths of a second: an ordinary pattern takes a few for each character. */
const MAX_STEPS = 3_000_000
/** So many of them are one step of a formula's budget. */
const STEPS_OF_BUDGET = 2
/** What a pattern that is read counts in the budget. */
const STEPS_OF_READING = 100
const STEPS_OF_CHARACTER = 80
const STEPS_OF_INSTRUCTION = 4

/** Where a match is, and what its groups matched: the whole first; null for a group that took no part. */
export interface RegexMatch {
  readonly start: number
  readonly end: number
  readonly groups: readonly (string | null)[]
}

/** What a call may not take longer than. */
export type TooLong = 'too-long'

/**
 * A regular expression in the syntax of PCRE2 (as far as `parseRegex` reads it), which finds what PCRE2 finds first. Each call ends within a number of steps
 * that does not depend on the pattern, the same on every machine, or is `too-long`.
 */
export class Regex {
  readonly names: ReadonlyMap<string, number>
  readonly groups: number
  readonly #runner: RegexRunner

  constructor(program: readonly Instruction[], groups: number, names: ReadonlyMap<string, number>) {
    this.#runner = new RegexRunner(program)
    this.groups = groups
    this.names = names
  }

  /** The matches from the left that do not overlap, at most `most`. */
  matches(text: string, most: number = Infinity): readonly RegexMatch[] | TooLong {
    const steps: Steps = { left: MAX_STEPS }
    const found: RegexMatch[] = []
    for (let from = 0; from <= text.length && found.length < most;) {
      const before = steps.left
      const slots = this.#runner.search(text, from, (this.groups + 1) * 2, steps)
      spend((before - steps.left) / STEPS_OF_BUDGET)
      if (steps.left < 0) return 'too-long'
      if (slots === null) break
      const match = matchOf(text, slots)
      found.push(match)
      from = match.end > match.start ? match.end : match.end + ((text.codePointAt(match.end) ?? 0) > 0xffff ? 2 : 1)
    }
    return found
  }
}

function matchOf(text: string, slots: readonly number[]): RegexMatch {
  const groups = Array.from({ length: slots.length / 2 }, (_, index) => {
    const [start = -1, end = -1] = [slots[index * 2], slots[index * 2 + 1]]
    return start < 0 || end < start ? null : text.slice(start, end)
  })
  return { start: slots[0] ?? 0, end: slots[1] ?? 0, groups }
}

/** A pattern that was read: what it is, and what its reading counts in the budget of an evaluation. */
interface Known {
  readonly regex: Regex | null
  readonly steps: number
}

const known = new Map<string, Known>()
const MAX_KNOWN = 200
/** Keys of the patterns that the evaluation at hand has asked for. */
const counted = new Set<string>()
let countedIn = 0

/** The pattern ready to run, or null if it is none, is too large, or cannot be matched in linear time. Patterns are few and asked again and again: they are kept. */
export function regexOf(pattern: string, ignoreCase: boolean): Regex | null {
  const key = (ignoreCase ? 'i' : 'c') + pattern
  let found = known.get(key)
  if (found === undefined) {
    found = read(pattern, ignoreCase)
    if (known.size >= MAX_KNOWN) known.clear()
    known.set(key, found)
  }
  countReading(key, found.steps)
  return found.regex
}

/** An evaluation counts each pattern that it reads, no matter whether another one has read it before: a result does not depend on what ran earlier. */
function countReading(key: string, steps: number): void {
  if (countedIn !== evaluationAtHand()) counted.clear()
  countedIn = evaluationAtHand()
  if (counted.has(key)) return
  if (counted.size >= MAX_KNOWN) counted.clear()
  counted.add(key)
  spend(steps)
}

function read(pattern: string, ignoreCase: boolean): Known {
  if (pattern.length > MAX_PATTERN) return { regex: null, steps: 1 }
  const parsed = parseRegex(pattern, ignoreCase)
  const program = parsed === null ? null : programOf(parsed.node)
  const regex = parsed === null || program === null ? null : new Regex(program, parsed.groups, parsed.names)
  const instructions = program?.length ?? (parsed === null ? 0 : MAX_INSTRUCTIONS)
  return { regex, steps: STEPS_OF_READING + pattern.length * STEPS_OF_CHARACTER + instructions * STEPS_OF_INSTRUCTION }
}
