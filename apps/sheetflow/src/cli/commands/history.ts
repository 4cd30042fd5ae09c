import { SheetflowError } from '@sheetflow/core/errors'
import { graphStream } from '@sheetflow/core/subject'
import type { KeyChange } from '@sheetflow/engine/ledger/key-history'
import { didYouMean } from '@sheetflow/formula/suggest'
import { commandNames } from '../../ledger/command-names.ts'
import { findSheet, openLedger } from '../../ledger/open-ledger.ts'
import { AT_OPTION, commitAt, momentOf } from '../../ledger/moment.ts'
import { rowHistory, type RowHistory } from '../../ledger/row-history.ts'
import { parseKey } from '../../ledger/row-key.ts'
import { becauseText, changeText, namedCauses, placeText, rowText } from '../../ledger/texts.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { loadByLine } from '../load-by-line.ts'
import { wholeNumber } from '../options.ts'
import { bold, dim, green, red, yellow, type Output } from '../output.ts'
import { must } from '@sheetflow/core/assert'

const LIMIT = 50

/** `sheetflow history`: every change of a row that readers have seen, newest first, with what caused it. */
export const history: CliCommand = {
  name: 'history',
  summary: 'every change of a row: old and new values, position, time, cause',
  usage: 'history SHEET KEY [COLUMN] [--limit N] [--at POSITION|TIME] [--json]',
  takes: 3,
  options: { limit: { type: 'string', value: 'N', help: `so many of the newest changes (default ${LIMIT})` }, ...AT_OPTION },
  async run({ options, positionals }, output) {
    const [name, ...words] = positionals
    if (name === undefined) throw usage()
    await using ledger = await openLedger(await loadByLine(options))
    const sheet = await findSheet(ledger, name)
    const until = await commitAt(ledger, sheet.graph, momentOf(options))
    const keyColumns = (sheet.schema?.key ?? []).map((one) => ({
      name: one,
      type: must(sheet.schema?.columns.find((column) => column.name === one)),
    }))
    const [keyWord, columnWord] = sheet.schema !== null && keyColumns.length === 0 ? [null, words[0]] : words
    if (keyWord === undefined) throw usage()
    const key = keyWord === null || sheet.schema === null ? [] : parseKey(keyWord, sheet.view, keyColumns)
    const column = columnWord === undefined ? null : columnOf(columnWord, sheet.schema?.columns.map((one) => one.name) ?? [], sheet.view)
    const limit = wholeNumber(options, 'limit') ?? LIMIT
    const found = await rowHistory(ledger, sheet, { key, column, until: until.position.offset, limit })
    const names = await commandNames(ledger.bus, ledger.sources, new Set(found.changes.flatMap(({ causes }) => causes.map(({ id }) => id))))
    output.event('row', { sheet: sheet.view, key, column, stream: graphStream(sheet.graph) }, bold(rowText(sheet.view, key)))
    for (const change of found.changes) print(output, change, column, names)
    printEnd(output, found)
    return found.changes.length > 0 ? EXIT.ok : EXIT.findings
  },
}

/** The column of that name; letter case does not matter. `app/usage` with the one that was meant. */
export function columnOf(name: string, columns: readonly string[], view: string): string {
  const found = columns.find((one) => one === name) ?? columns.find((one) => one.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  throw new SheetflowError('app/usage', `${view} has no column ${name}`, {
    fix: didYouMean(name, columns) ?? `Its columns are: ${columns.join(', ')}.`,
  })
}

const WORDS: Readonly<Record<KeyChange['kind'], string>> = {
  appeared: green('appeared'),
  vanished: red('vanished'),
  changed: yellow('changed'),
  erased: dim('something, erased since'),
}

function print(output: Output, change: KeyChange, column: string | null, names: ReadonlyMap<string, string>): void {
  const { position, at, kind, generation, causes, inputs, namesAssumed } = change
  const cells = column === null ? change.cells : change.cells.filter((cell) => cell.column === column)
  const word = WORDS[kind]
  const by = becauseText(change, names)
  const lines = [`${placeText(position.offset, at)}  ${word}${by === '' ? '' : `  ${by}`}`]
  for (const cell of cells) lines.push(`           ${changeText(cell)}`)
  output.event(
    'change',
    {
      position: { epoch: position.epoch, offset: position.offset },
      at,
      kind,
      cells,
      causes: namedCauses(causes, names),
      inputs,
      ...(generation === undefined ? {} : { generation }),
      ...(namesAssumed === true ? { namesAssumed } : {}),
    },
    lines.join('\n'),
  )
}

function printEnd(output: Output, { changes, older, begins, isTrimmed }: RowHistory): void {
  const place = begins === null ? null : { ...begins.position, at: begins.commit.at }
  output.event('summary', { changes: changes.length, older, begins: place, trimmed: isTrimmed })
  if (changes.length === 0) output.note('no change of this row is in the history')
  if (older > 0) output.note(dim(`${older} older ${older === 1 ? 'change' : 'changes'}: --limit shows more`))
  if (begins === null) return
  const why = isTrimmed ? 'because the stream is trimmed there' : 'which is all there ever was'
  output.note(dim(`history begins at ${begins.position.offset}, ${begins.commit.at}, ${why}`))
}

function usage(): SheetflowError {
  return new SheetflowError('app/usage', 'which row?', {
    fix: 'For example: sheetflow history open_orders 42, or: sheetflow history open_orders 42 total.',
  })
}
