import { SheetflowError } from '@sheetflow/core/errors'
import type { KeyJson } from '@sheetflow/core/message'
import { graphStream } from '@sheetflow/core/subject'
import { commandNames } from '../../ledger/command-names.ts'
import { cellLines, inputLines } from '../../ledger/explained-text.ts'
import { AT_OPTION, commitAt, momentOf } from '../../ledger/moment.ts'
import { activeIn, findSheet, openLedger, rebuildGraph, type Ledger, type LedgerSheet } from '../../ledger/open-ledger.ts'
import { rowHistory } from '../../ledger/row-history.ts'
import { parseKey } from '../../ledger/row-key.ts'
import { sourceTransactions, type SourceTransactions } from '../../ledger/source-transactions.ts'
import { becauseText, causesText, changeText, keyText, namedCauses, placeText, rowText, valueText } from '../../ledger/texts.ts'
import { Why } from '../../ledger/why.ts'
import type { Rebuilt } from '@sheetflow/engine/ledger/rebuild'
import type { Absence } from '@sheetflow/workbook/why/explain-row'
import type { ExplainedCell } from '@sheetflow/workbook/why/explain-cell'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { loadByLine } from '../load-by-line.ts'
import { wholeNumber } from '../options.ts'
import { bold, dim, red, type Output } from '../output.ts'
import { columnOf } from './history.ts'

const DEPTH = 3
const ROWS = 10
const LIMIT = 10

/** `sheetflow why`: a value with what it was computed from, down to the transactions of the sources. */
export const why: CliCommand = {
  name: 'why',
  summary: 'where a value comes from: its formula, the values it reads, the transactions behind them',
  usage: 'why SHEET KEY [COLUMN] [--depth N] [--rows N] [--limit N] [--at POSITION|TIME] [--json]',
  takes: 3,
  options: {
    depth: { type: 'string', value: 'N', help: `how many formulas deep (default ${DEPTH}; 1 without COLUMN)` },
    rows: { type: 'string', value: 'N', help: `rows shown of those that a formula saw (default ${ROWS})` },
    limit: { type: 'string', value: 'N', help: `source transactions shown (default ${LIMIT})` },
    ...AT_OPTION,
  },
  async run({ options, positionals }, output) {
    const [name, ...words] = positionals
    if (name === undefined) throw usage()
    await using ledger = await openLedger(await loadByLine(options))
    const sheet = await findSheet(ledger, name)
    const { position } = await commitAt(ledger, sheet.graph, momentOf(options))
    const rebuilt = await rebuildGraph(ledger, sheet.graph, { until: position.offset })
    const asked = new Why(rebuilt.graph, activeIn(rebuilt))
    const keyColumns = asked.keyOf(sheet.view)
    if (keyColumns === null) throw notThen(sheet, rebuilt)
    const [keyWord, columnWord] = keyColumns.length === 0 ? [null, words[0]] : words
    if (keyWord === undefined || (keyWord === null && words.length > 1)) throw usage()
    const key = keyWord === null ? [] : parseKey(keyWord, sheet.view, keyColumns)
    const columns = columnWord === undefined ? asked.published(sheet.view) : [columnOf(columnWord, asked.columns(sheet.view), sheet.view)]
    const limits = {
      depth: wholeNumber(options, 'depth') ?? (columnWord === undefined ? 1 : DEPTH),
      rows: wholeNumber(options, 'rows') ?? ROWS,
    }
    printPlace(output, sheet, rebuilt)
    const cells = asked.explain(sheet.view, key, columns, limits)
    if (cells === null) {
      printAbsence(output, asked.absence(sheet.view, key, limits))
      await printErased(output, { ledger, sheet, key, until: rebuilt.position.offset })
      return EXIT.findings
    }
    for (const cell of cells) printCell(output, cell, limits.depth)
    const column = columnWord === undefined ? null : (columns[0] ?? null)
    await printSince(output, { ledger, sheet, key, column, until: rebuilt.position.offset })
    const reads = asked.sourceReads(sheet.view, key, columns)
    const limit = wholeNumber(options, 'limit') ?? LIMIT
    await printTransactions(output, ledger, await sourceTransactions(ledger, reads, rebuilt.inputs, limit))
    return EXIT.ok
  },
}

function printPlace(output: Output, { view, graph }: LedgerSheet, { position, at, inputs, from }: Rebuilt): void {
  output.event(
    'position',
    { sheet: view, stream: graphStream(graph), position, at, inputs, from },
    dim(`as of ${position.offset} in ${graphStream(graph)}, ${at}`),
  )
}

function printCell(output: Output, cell: ExplainedCell, depth: number): void {
  const { relation, key, column, type, value } = cell
  const head = `${rowText(relation, key)} ${column} = ${bold(valueText(value))}  ${dim(type)}`
  output.event('cell', { ...cell, depth }, [head, ...cellLines(cell)].join('\n'))
}

/** A row that is not there because its history was erased. */
async function printErased(
  output: Output,
  { ledger, sheet, key, until }: { readonly ledger: Ledger; readonly sheet: LedgerSheet; readonly key: KeyJson; readonly until: number },
): Promise<void> {
  if (sheet.schema === null) return
  const { changes } = await rowHistory(ledger, sheet, { key, column: null, until, limit: 1 })
  if (changes[0]?.kind !== 'erased') return
  output.event('erased', { sheet: sheet.view, key, position: changes[0].position.offset }, '  what was known of it has been erased')
}

/** What the row, or the cell, was before, and what made it what it is. */
async function printSince(
  output: Output,
  {
    ledger,
    sheet,
    key,
    column,
    until,
  }: {
    readonly ledger: Ledger
    readonly sheet: LedgerSheet
    readonly key: KeyJson
    readonly column: string | null
    readonly until: number
  },
): Promise<void> {
  // Of a sheet without readers, and of a column that they do not see, nobody has told when it changed.
  if (sheet.schema === null || (column !== null && sheet.schema.columns.every((one) => one.name !== column))) return
  const { changes } = await rowHistory(ledger, sheet, { key, column, until, limit: 1 })
  const [last] = changes
  if (last === undefined) return
  const names = await commandNames(ledger.bus, ledger.sources, new Set(last.causes.map(({ id }) => id)))
  const cells = column === null ? last.cells : last.cells.filter((cell) => cell.column === column)
  const { position, at, kind, causes, generation } = last
  const by = becauseText(last, names)
  output.event(
    'since',
    {
      position: { epoch: position.epoch, offset: position.offset },
      at,
      kind,
      cells,
      causes: namedCauses(causes, names),
      ...(generation === undefined ? {} : { generation }),
    },
    [
      `\n${bold('so since')}`,
      `${placeText(position.offset, at)}${by === '' ? '' : `  ${by}`}`,
      ...cells.map((cell) => `           ${changeText(cell)}`),
    ].join('\n'),
  )
}

async function printTransactions(output: Output, ledger: Ledger, found: SourceTransactions): Promise<void> {
  const { events, older, rows, complete, begins } = found
  const names = await commandNames(ledger.bus, ledger.sources, new Set(events.flatMap(({ causes }) => causes.map(({ id }) => id))))
  const bound = complete ? '' : ` (the first ${rows} that it reads; there are more)`
  output.event(
    'sources',
    { rows, complete, transactions: events.length, older },
    `\n${bold('source transactions')} ${dim(`of the ${rows} source ${rows === 1 ? 'row' : 'rows'} behind it${bound}, newest first`)}`,
  )
  for (const { stream, position, at, causes, rows: changed } of events) {
    const head = `${placeText(position.offset, at)}  ${stream}${causes.length === 0 ? '' : `  ${causesText(causes, names)}`}`
    const lines = changed.slice(0, ROWS).map(({ table, key, op, erased, cells }) => {
      const word = erased === true ? 'told, and erased since, of' : WORDS[op]
      return `           ${word} ${rowText(table, key)}  ${cells.map(changeText).join(', ')}`
    })
    if (changed.length > ROWS) lines.push(dim(`           and ${changed.length - ROWS} more rows`))
    output.event(
      'transaction',
      { stream, position: { epoch: position.epoch, offset: position.offset }, at, causes: namedCauses(causes, names), rows: changed },
      [head, ...lines].join('\n'),
    )
  }
  if (older > 0) output.note(dim(`${older} older ${older === 1 ? 'transaction' : 'transactions'}: --limit shows more`))
  for (const { stream, offset, trimmed } of begins)
    if (trimmed) output.note(dim(`${stream} begins at ${offset}: what was before is trimmed`))
}

const WORDS = { c: 'created', u: 'updated', d: 'deleted', r: 'read', t: 'truncated' } as const

function printAbsence(output: Output, absence: Absence): void {
  const { view, key } = absence
  const head = `${view} has ${red('no row')} ${keyText(key)}`
  output.event('absent', { ...absence }, [head, ...absenceLines(absence)].join('\n'))
}

function absenceLines(absence: Absence): readonly string[] {
  switch (absence.reason) {
    case 'no-input':
      return [`  its rows come from ${absence.relation}, which has none with that key either`]
    case 'filter':
      return [
        `  ${absence.relation} has it, but the condition of the FILTER is ${valueText(absence.value === false ? 'FALSE' : absence.value)} for it`,
        ...absence.inputs.flatMap((input) => inputLines(input, { relation: absence.relation }, '  ')),
      ]
    case 'take':
      return [`  ${absence.relation} has it, but it is not among the ${absence.count < 0 ? 'last' : 'first'} ${Math.abs(absence.count)}`]
    case 'not-made':
      return ['  its rows are made of others, and none made this one']
  }
}

function notThen({ view }: LedgerSheet, { position }: Rebuilt): SheetflowError {
  return new SheetflowError('app/usage', `the deployment that answered at ${position.offset} has no sheet ${view}`, {
    fix: "Ask for another time with --at; 'sheetflow history' shows when its rows changed.",
  })
}

function usage(): SheetflowError {
  return new SheetflowError('app/usage', 'which value?', {
    fix: 'For example: sheetflow why customers 7 spent; a sheet of named values has one row and no key: sheetflow why sales_values open_count.',
  })
}
