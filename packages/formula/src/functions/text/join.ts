import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import { VALUE } from '../../value/cell-errors.ts'
import { textReader } from '../../value/general-text.ts'
import type { Grid } from '../../value/grid.ts'
import { isNothing, type CallTypes, type FunctionDefinition, type StrictMaker } from '../definition.ts'
import { always } from '../results.ts'
import { cellText, text } from './define.ts'

const CONCAT: FunctionDefinition = {
  name: 'CONCAT',
  category: 'text',
  help: 'Texts one after the other; of arrays all cells.',
  params: [{ name: 'text', kind: 'texts' }],
  repeat: 1,
  result: always('text'),
  evaluation: { mode: 'strict', make: () => (texts: readonly string[]) => cellText(texts.join('')) },
  volatility: 'pure',
  examples: [
    { formula: '=CONCAT([@name], " ", 1.50, TRUE)', result: '"Anna 1.5TRUE"' },
    { formula: '=CONCAT(items[note], [@date])', result: '"xy2026-11-23"' },
    { formula: '=CONCAT([@blank])', result: '""' },
    { formula: '=CONCAT("a", {1,#N/A})', result: '#N/A' },
  ],
}

const CONCATENATE: FunctionDefinition = {
  ...text(
    'CONCATENATE',
    'Texts one after the other, as & joins them; for each cell where arrays are given.',
    [{ name: 'text', kind: 'text' }],
    (...texts: string[]) => cellText(texts.join('')),
    [
      { formula: '=CONCATENATE([@name], "-", [@id])', result: '"Anna-7"' },
      { formula: '=CONCATENATE({"a","b"}, 1)', result: '{"a1","b1"}' },
      { formula: '=CONCATENATE([@blank], "a")', result: '"a"' },
      { formula: '=CONCATENATE("a", 1/0)', result: '#DIV/0!' },
    ],
  ),
  repeat: 1,
}

const makeTextJoin: StrictMaker = (types) => {
  const skips = isNothing(types, 1)
  return (delimiters: readonly string[], ignoreEmpty: boolean, texts: readonly string[]) => {
    const kept = skips || ignoreEmpty ? texts.filter((one) => one !== '') : texts
    const between = (index: number): string => (index === 0 ? '' : (delimiters[(index - 1) % delimiters.length] ?? ''))
    return cellText(kept.map((one, index) => between(index) + one).join(''))
  }
}

const TEXTJOIN: FunctionDefinition = {
  name: 'TEXTJOIN',
  category: 'text',
  help: 'Texts with a delimiter between them; of several delimiters one after the other. Empty texts are left out unless told otherwise.',
  params: [
    { name: 'delimiter', kind: 'texts' },
    { name: 'ignore_empty', kind: 'bool' },
    { name: 'text', kind: 'texts' },
  ],
  repeat: 1,
  result: always('text'),
  evaluation: { mode: 'strict', make: makeTextJoin },
  volatility: 'pure',
  examples: [
    { formula: '=TEXTJOIN(", ", TRUE, items[note])', result: '"x, y"' },
    { formula: '=TEXTJOIN("-", FALSE, "a", [@blank], "b")', result: '"a--b"' },
    { formula: '=TEXTJOIN({"-","/"}, TRUE, 1, 2, 3)', result: '"1-2/3"' },
    { formula: '=TEXTJOIN(",", TRUE, "a", #N/A)', result: '#N/A' },
  ],
}

/** A value as VALUETOTEXT and ARRAYTOTEXT write it: `strict` with quotes around texts, so that a formula can read it. */
function writer(types: CallTypes): (value: Value, strict: boolean) => string | CellError {
  const read = textReader(types.args[0]?.type ?? null)
  return (value, strict) => {
    if (isCellError(value)) return value.kind
    return strict && typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : read(value)
  }
}

const FORMAT = { name: 'format', kind: 'integer', optional: true, fallback: 0 } as const

const VALUETOTEXT: FunctionDefinition = {
  name: 'VALUETOTEXT',
  category: 'text',
  help: 'A value as text, errors too; with format 1 texts in quotes, as a formula would have them.',
  params: [{ name: 'value', kind: 'any' }, FORMAT],
  result: always('text'),
  evaluation: {
    mode: 'strict',
    make: (types) => {
      const write = writer(types)
      return (value: Value, format: number) => (format === 0 || format === 1 ? write(value, format === 1) : VALUE)
    },
  },
  volatility: 'pure',
  examples: [
    { formula: '=VALUETOTEXT([@price])', result: '"9.5"' },
    { formula: '=VALUETOTEXT([@name], 1)', result: '"""Anna"""' },
    { formula: '=VALUETOTEXT(#N/A)', result: '"#N/A"' },
    { formula: '=VALUETOTEXT([@blank])', result: '""' },
    { formula: '=VALUETOTEXT(1, 2)', result: '#VALUE!' },
  ],
}

const makeArrayToText: StrictMaker = (types) => {
  const write = writer(types)
  return (array: Grid, format: number) => {
    if (format !== 0 && format !== 1) return VALUE
    const rows: string[] = []
    for (let row = 0; row < array.rows; row++) {
      const cells: string[] = []
      for (const value of array.row(row)) {
        const cell = write(value, format === 1)
        if (isCellError(cell)) return cell
        cells.push(cell)
      }
      rows.push(cells.join(format === 1 ? ',' : ', '))
    }
    return cellText(format === 1 ? `{${rows.join(';')}}` : rows.join(', '))
  }
}

const ARRAYTOTEXT: FunctionDefinition = {
  name: 'ARRAYTOTEXT',
  category: 'text',
  help: 'The cells of an array as text; with format 1 as an array constant, texts in quotes.',
  params: [{ name: 'array', kind: 'array' }, FORMAT],
  result: always('text'),
  evaluation: { mode: 'strict', make: makeArrayToText },
  volatility: 'pure',
  examples: [
    { formula: '=ARRAYTOTEXT({1,"a";TRUE,#N/A})', result: '"1, a, TRUE, #N/A"' },
    { formula: '=ARRAYTOTEXT({1,"a";TRUE,#N/A}, 1)', result: '"{1,""a"";TRUE,#N/A}"' },
    { formula: '=ARRAYTOTEXT(items[note])', result: '"x, , y"' },
    { formula: '=ARRAYTOTEXT([@blank], 2)', result: '#VALUE!' },
  ],
}

/** What makes one text of several values. */
export const JOINING: readonly FunctionDefinition[] = [CONCAT, CONCATENATE, TEXTJOIN, VALUETOTEXT, ARRAYTOTEXT]
