import type { CellError } from '@sheetflow/core/cell-error'
import type { ExprType } from '../../bound.ts'
import { regexOf, type Regex, type RegexMatch } from '../../text-match/regex.ts'
import { replacementOf } from '../../text-match/regex-replacement.ts'
import { NA, NUM, VALUE } from '../../value/cell-errors.ts'
import { Grid } from '../../value/grid.ts'
import type { CallTypes, FunctionDefinition, Parameter, StrictMaker } from '../definition.ts'
import { always } from '../results.ts'
import { cellText, TEXT_PARAM } from './define.ts'

/**
 * REGEXTEST, REGEXEXTRACT and REGEXREPLACE take PCRE2's patterns, as Excel's do, but for what cannot be matched in linear time: back references, lookaround,
 * atomic groups and possessive quantifiers are `#VALUE!`, as is what is no pattern. A call that takes more steps than any usual one is `#NUM!`.
 */
const PATTERN: Parameter = { name: 'pattern', kind: 'text' }
/** 1: whatever the letter case. */
const CASE: Parameter = { name: 'case_sensitivity', kind: 'integer', optional: true, fallback: 0 }

/** The pattern ready to run, or `#VALUE!`. */
function regex(pattern: string, sensitivity: number): Regex | null {
  return sensitivity === 0 || sensitivity === 1 ? regexOf(pattern, sensitivity === 1) : null
}

/** The first `most` matches of a pattern, or the error that stands for them. */
function search(found: Regex | null, text: string, most: number): readonly RegexMatch[] | CellError {
  if (found === null) return VALUE
  const matches = found.matches(text, most)
  return matches === 'too-long' ? NUM : matches
}

const REGEXTEST: FunctionDefinition = {
  name: 'REGEXTEST',
  category: 'text',
  help: 'TRUE if a regular expression (PCRE2) matches a part of a text; with case_sensitivity 1 whatever the letter case.',
  params: [TEXT_PARAM, PATTERN, CASE],
  result: always('bool'),
  evaluation: {
    mode: 'strict',
    make: () => (text: string, pattern: string, sensitivity: number) => {
      const matches = search(regex(pattern, sensitivity), text, 1)
      return matches instanceof Array ? matches.length > 0 : matches
    },
  },
  costly: true,
  volatility: 'pure',
  examples: [
    { formula: '=REGEXTEST([@name], "^A[a-z]+$")', result: 'TRUE' },
    { formula: '=REGEXTEST([@name], "ANNA", 1)', result: 'TRUE' },
    { formula: '=REGEXTEST([@blank], "a")', result: 'FALSE' },
    { formula: '=REGEXTEST([@name], "(")', result: '#VALUE!' },
    { formula: '=REGEXTEST([@name], "a(?=b)")', result: '#VALUE!' },
  ],
}

/** One text unless the mode is, or may be, another than 0. */
function extractType({ args, constants }: CallTypes): ExprType {
  const mode = constants?.[2]
  const isOne = args[2] === undefined || mode === null || mode === 0
  return { type: { type: 'text' }, nullable: false, ...(isOne ? {} : { array: true }) }
}

const makeExtract: StrictMaker = () => (text: string, pattern: string, mode: number, sensitivity: number) => {
  const found = mode >= 0 && mode <= 2 ? regex(pattern, sensitivity) : null
  const matches = search(found, text, mode === 1 ? Infinity : 1)
  if (!(matches instanceof Array)) return matches
  const [first] = matches
  if (first === undefined) return NA
  if (mode === 0) return first.groups[0] ?? ''
  const cells = mode === 1 ? matches.map((one) => one.groups[0] ?? '') : first.groups.slice(1).map((one) => one ?? '')
  return cells.length === 0 ? NA : new Grid(1, cells.length, cells)
}

const REGEXEXTRACT: FunctionDefinition = {
  name: 'REGEXEXTRACT',
  category: 'text',
  help: 'What a regular expression (PCRE2) matches: the first time, with return_mode 1 each time as an array, with 2 the groups of the first time.',
  params: [TEXT_PARAM, PATTERN, { name: 'return_mode', kind: 'integer', optional: true, fallback: 0 }, CASE],
  result: extractType,
  evaluation: { mode: 'strict', make: makeExtract },
  costly: true,
  volatility: 'pure',
  examples: [
    { formula: '=REGEXEXTRACT("DylanWilliams", "[A-Z][a-z]+")', result: '"Dylan"' },
    { formula: '=REGEXEXTRACT("DylanWilliams", "[A-Z][a-z]+", 1)', result: '{"Dylan","Williams"}' },
    { formula: '=REGEXEXTRACT("2026-11-23", "(\\d+)-(\\d+)", 2)', result: '{"2026","11"}' },
    { formula: '=REGEXEXTRACT([@name], "N+", 0, 1)', result: '"nn"' },
    { formula: '=REGEXEXTRACT([@blank], "a")', result: '#N/A' },
  ],
}

const makeReplace: StrictMaker = () => (text: string, pattern: string, replacement: string, occurrence: number, sensitivity: number) => {
  const found = regex(pattern, sensitivity)
  const replace = found === null ? null : replacementOf(replacement, found.groups, found.names)
  if (replace === null) return VALUE
  const matches = search(found, text, occurrence > 0 ? occurrence : Infinity)
  if (!(matches instanceof Array)) return matches
  const nth = occurrence > 0 ? occurrence - 1 : matches.length + occurrence
  const used = occurrence === 0 ? matches : matches.filter((_, index) => index === nth)
  const pieces: string[] = []
  let from = 0
  for (const match of used) {
    pieces.push(text.slice(from, match.start), replace(match))
    from = match.end
  }
  return cellText(pieces.join('') + text.slice(from))
}

const REGEXREPLACE: FunctionDefinition = {
  name: 'REGEXREPLACE',
  category: 'text',
  help: 'A text with what a regular expression (PCRE2) matches replaced: everywhere, or the so many-th time, from the end where negative; $1 is a group.',
  params: [
    TEXT_PARAM,
    PATTERN,
    { name: 'replacement', kind: 'text' },
    { name: 'occurrence', kind: 'integer', optional: true, fallback: 0 },
    CASE,
  ],
  result: always('text'),
  evaluation: { mode: 'strict', make: makeReplace },
  costly: true,
  volatility: 'pure',
  examples: [
    { formula: '=REGEXREPLACE("555-1234", "\\d", "*")', result: '"***-****"' },
    { formula: '=REGEXREPLACE("SoniaBrown", "([A-Z][a-z]+)([A-Z][a-z]+)", "$2, $1")', result: '"Brown, Sonia"' },
    { formula: '=REGEXREPLACE("a1b2", "\\d", "", -1)', result: '"a1b"' },
    { formula: '=REGEXREPLACE([@blank], "a", "b")', result: '""' },
    { formula: '=REGEXREPLACE("a", "a", "$7")', result: '#VALUE!' },
  ],
}

/** Regular expressions. */
export const REGULAR_EXPRESSIONS: readonly FunctionDefinition[] = [REGEXTEST, REGEXEXTRACT, REGEXREPLACE]
