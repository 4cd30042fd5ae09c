import { CellError, isCellError } from '@sheetflow/core/cell-error'
import { fold } from '@sheetflow/core/fold'
import type { Value } from '@sheetflow/core/value'
import { NA, NUM, VALUE } from '../../value/cell-errors.ts'
import { conversion } from '../../value/convert.ts'
import { textReader } from '../../value/general-text.ts'
import { spend } from '../../value/budget.ts'
import { Grid, MAX_CELLS } from '../../value/grid.ts'
import {
  isNothing,
  isTypeProblem,
  type Example,
  type FunctionDefinition,
  type Parameter,
  type StrictMaker,
  type StrictTypes,
} from '../definition.ts'
import { oneOf } from '../results.ts'
import { TEXT_PARAM } from './define.ts'

/** What an array without cells is. */
const CALC = new CellError('#CALC!')

const MATCH_MODE: Parameter = { name: 'match_mode', kind: 'integer', optional: true, fallback: 0 }

/** Where a delimiter stands. */
interface Place {
  readonly start: number
  readonly end: number
}

/** The places of delimiters from the left; where several begin at once, the one that is given first. `mode` 1: whatever the letter case. */
function placesOf(text: string, delimiters: readonly string[], mode: number): readonly Place[] {
  const within = mode === 1 ? fold(text) : text
  const wanted = delimiters.filter((one) => one !== '').map((one) => (mode === 1 ? fold(one) : one))
  spend((wanted.length * text.length) / 64)
  const next = wanted.map((one) => within.indexOf(one))
  const places: Place[] = []
  for (let from = 0; ;) {
    spend(wanted.length / 4)
    let best = -1
    for (const [index, one] of wanted.entries()) {
      if ((next[index] ?? -1) >= 0 && (next[index] ?? 0) < from) next[index] = within.indexOf(one, from)
      const at = next[index] ?? -1
      if (at >= 0 && (best < 0 || at < (next[best] ?? 0))) best = index
    }
    const start = next[best]
    if (start === undefined) return places
    from = start + (wanted[best] ?? '').length
    places.push({ start, end: from })
  }
}

/** The place that TEXTBEFORE and TEXTAFTER cut at; null if there is none. `nth` counts from the end where it is negative. */
function cutPlace(text: string, delimiters: readonly string[], nth: number, mode: number, matchEnd: boolean): Place | null {
  // An empty delimiter stands at the beginning, seen from there, and at the end.
  if (delimiters.includes('')) return nth > 0 ? { start: 0, end: 0 } : { start: text.length, end: text.length }
  const places = placesOf(text, delimiters, mode)
  const edge = nth > 0 ? text.length : 0
  const all = !matchEnd ? places : nth > 0 ? [...places, { start: edge, end: edge }] : [{ start: edge, end: edge }, ...places]
  return all.at(nth > 0 ? nth - 1 : nth) ?? null
}

function makeCut(side: (text: string, place: Place) => string): StrictMaker {
  return (types) => {
    const first = isNothing(types, 2)
    const otherwise = missing(types)
    return (text: string, delimiters: readonly string[], instance: number, mode: number, matchEnd: number, instead: Value) => {
      const nth = first ? 1 : Math.floor(instance)
      if (!isSwitch(mode) || !isSwitch(matchEnd) || (!first && isBeyond(text, delimiters, nth))) return VALUE
      const place = cutPlace(text, delimiters, nth, mode, matchEnd === 1)
      return place === null ? otherwise(instead) : side(text, place)
    }
  }
}

/** Excel's limits for an instance that is given: it is not 0, and neither it nor the delimiter is longer than the text. */
function isBeyond(text: string, delimiters: readonly string[], nth: number): boolean {
  const length = Math.max(text.length, 1)
  return nth === 0 || Math.abs(nth) > length || delimiters.every((one) => one.length > length)
}

/** What stands for what is not found: the last argument in the form of the result, Blank as '', else `#N/A`. */
function missing(types: StrictTypes): (value: Value) => Value {
  if (types.args[5] === undefined) return () => NA
  const convert = conversion(types.args[5].type, types.result.type)
  return (value) => (value === null ? '' : convert === null ? value : convert(value))
}

function isSwitch(number: number): boolean {
  return number === 0 || number === 1
}

function cutting(
  name: string,
  help: string,
  side: (text: string, place: Place) => string,
  examples: readonly Example[],
): FunctionDefinition {
  return {
    name,
    category: 'text',
    help,
    params: [
      TEXT_PARAM,
      { name: 'delimiter', kind: 'texts' },
      { name: 'instance', kind: 'real', optional: true, fallback: 1 },
      MATCH_MODE,
      { name: 'match_end', kind: 'integer', optional: true, fallback: 0 },
      { name: 'if_not_found', kind: 'any', optional: true },
    ],
    result: (types) => {
      const widened = oneOf(types, types.args.length > 5 ? [5] : [], [{ type: { type: 'text' }, nullable: false }])
      return isTypeProblem(widened) ? widened : { ...widened, nullable: false }
    },
    evaluation: { mode: 'strict', make: makeCut(side) },
    volatility: 'pure',
    examples,
  }
}

/** The pieces between delimiters; null: there are none to look for. */
function pieces(text: string, delimiters: readonly string[] | null, mode: number, ignoreEmpty: boolean): readonly string[] {
  if (delimiters === null) return [text]
  const found: string[] = []
  let from = 0
  for (const { start, end } of placesOf(text, delimiters, mode)) {
    found.push(text.slice(from, start))
    from = end
  }
  found.push(text.slice(from))
  return ignoreEmpty ? found.filter((one) => one !== '') : found
}

const makeTextSplit: StrictMaker = (types) => {
  const hasColumns = !isNothing(types, 1)
  const hasRows = !isNothing(types, 2)
  const pad = padding(types)
  return (text: string, columns: readonly string[], rows: readonly string[] | null, ignoreEmpty: boolean, mode: number, padWith: Value) => {
    const columnBreaks = hasColumns ? columns : null
    const rowBreaks = hasRows ? rows : null
    if ((columnBreaks === null && rowBreaks === null) || columnBreaks?.includes('') === true || rowBreaks?.includes('') === true)
      return VALUE
    if (!isSwitch(mode)) return VALUE
    const filler = pad(padWith)
    const lines = pieces(text, rowBreaks, mode, ignoreEmpty).map((line) => pieces(line, columnBreaks, mode, ignoreEmpty))
    const filled = ignoreEmpty ? lines.filter((line) => line.length > 0) : lines
    const width = filled.reduce((most, line) => Math.max(most, line.length), 0)
    if (width === 0) return CALC
    if (width * filled.length > MAX_CELLS) return NUM
    return Grid.make(filled.length, width, (row, column) => filled[row]?.[column] ?? filler)
  }
}

/** What fills short rows: the last argument as text, else `#N/A`. */
function padding(types: StrictTypes): (value: Value) => Value {
  if (isNothing(types, 5) && types.args[5]?.nullable !== false) return () => NA
  const read = textReader(types.args[5]?.type ?? null)
  return (value): string | CellError => (isCellError(value) ? value : read(value))
}

const TEXTSPLIT: FunctionDefinition = {
  name: 'TEXTSPLIT',
  category: 'text',
  help: 'An array of the pieces of a text between delimiters: of columns, of rows, or both. Short rows are filled with #N/A or what is given.',
  params: [
    TEXT_PARAM,
    { name: 'column_delimiter', kind: 'texts' },
    { name: 'row_delimiter', kind: 'texts', optional: true },
    { name: 'ignore_empty', kind: 'bool', optional: true, fallback: false },
    MATCH_MODE,
    { name: 'pad_with', kind: 'any', optional: true },
  ],
  result: () => ({ type: { type: 'text' }, nullable: false, array: true }),
  evaluation: { mode: 'strict', make: makeTextSplit },
  volatility: 'pure',
  examples: [
    { formula: '=TEXTSPLIT("a,b,c", ",")', result: '{"a","b","c"}' },
    { formula: '=TEXTSPLIT("a,b;c", ",", ";")', result: '{"a","b";"c",#N/A}' },
    { formula: '=TEXTSPLIT("a,b;c", ",", ";", , , "-")', result: '{"a","b";"c","-"}' },
    { formula: '=TEXTSPLIT("a,,b", ",", , TRUE)', result: '{"a","b"}' },
    { formula: '=TEXTSPLIT([@name], "")', result: '#VALUE!' },
    { formula: '=TEXTSPLIT([@blank], ",")', result: '""' },
  ],
}

/** What cuts a text at delimiters. */
export const SPLITTING: readonly FunctionDefinition[] = [
  cutting(
    'TEXTBEFORE',
    'What stands before a delimiter: the first, or the so many-th, from the end where negative.',
    (text, { start }) => text.slice(0, start),
    [
      { formula: '=TEXTBEFORE("a-b-c", "-")', result: '"a"' },
      { formula: '=TEXTBEFORE("a-b-c", "-", -1)', result: '"a-b"' },
      { formula: '=TEXTBEFORE([@name], "N", , 1)', result: '"A"' },
      { formula: '=TEXTBEFORE([@name], "x", , , , "none")', result: '"none"' },
      { formula: '=TEXTBEFORE([@name], "x")', result: '#N/A' },
      { formula: '=TEXTBEFORE([@blank], "x")', result: '#N/A' },
    ],
  ),
  cutting(
    'TEXTAFTER',
    'What stands behind a delimiter: the first, or the so many-th, from the end where negative.',
    (text, { end }) => text.slice(end),
    [
      { formula: '=TEXTAFTER("a-b-c", "-")', result: '"b-c"' },
      { formula: '=TEXTAFTER("a-b-c", "-", -1)', result: '"c"' },
      { formula: '=TEXTAFTER("a-b/c", {"/","-"})', result: '"b/c"' },
      { formula: '=TEXTAFTER([@name], "x", 1, 0, 1)', result: '""' },
      { formula: '=TEXTAFTER([@name], "x")', result: '#N/A' },
      { formula: '=TEXTAFTER([@name], [@blank])', result: '"Anna"' },
    ],
  ),
  TEXTSPLIT,
]
