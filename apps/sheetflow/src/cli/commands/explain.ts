import { SheetflowError } from '@sheetflow/core/errors'
import { describeProgram } from '@sheetflow/engine'
import type { RunningOperator } from '@sheetflow/engine'
import type { CostClass } from '@sheetflow/formula/bound'
import { didYouMean } from '@sheetflow/formula/suggest'
import { compileGraph } from '@sheetflow/workbook'
import { explainSheets, type ExplainedColumn, type ExplainedSheet } from '@sheetflow/workbook/explain/explain-sheets'
import { staleNames } from '@sheetflow/workbook/deployment'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { placesOf } from '../../config/places.ts'
import { readFigures, type GraphFigures } from '../../ops/operator-figures.ts'
import { bold, dim, yellow, type Output } from '../output.ts'
import { printDiagnostics } from '../print-diagnostics.ts'
import { asOfText, figuresText } from '../workbooks/figures-text.ts'
import { openWorkbooks, surroundingsOf } from '../workbooks/open-workbooks.ts'

/** What is to be explained: a sheet, or one of its columns. */
interface Asked {
  readonly sheet: ExplainedSheet
  readonly column: ExplainedColumn | null
}

/** `sheetflow explain`: what a sheet is made of, what each of its formulas costs and why, and the operators that keep it right. */
export const explain: CliCommand = {
  name: 'explain',
  summary: 'what a sheet or column costs, why, and what keeps it right, with figures of each operator where it has run',
  usage: 'explain SHEET[.COLUMN] [--json]',
  takes: 1,
  options: {},
  async run(line, output) {
    const [name] = line.positionals
    if (name === undefined) throw new SheetflowError('app/usage', 'which sheet?', { fix: 'For example: sheetflow explain orders.total' })
    const workbooks = await openWorkbooks({ ...line, positionals: [] })
    const { tables, running, functions } = await surroundingsOf(workbooks)
    const sheets: ExplainedSheet[] = []
    const operators: RunningOperator[] = []
    const figures: GraphFigures[] = []
    for (const { graph, files } of workbooks.graphs) {
      const compiled = compileGraph({ files, tables, ...staleNames(running.get(graph) ?? { ids: {} }, tables, files), functions })
      if (compiled.graph === null) {
        const errors = compiled.diagnostics.filter((one) => one.severity === 'error')
        printDiagnostics(
          output,
          errors.map((one) => ({ ...one, file: workbooks.selection.shown(one.file) })),
        )
        return EXIT.findings
      }
      sheets.push(...explainSheets(files, compiled.graph))
      operators.push(...describeProgram(compiled.graph))
      const ran = await readFigures(placesOf(workbooks.loaded.config, workbooks.loaded.root).figures(graph))
      if (ran !== null) figures.push(ran)
    }
    print(output, find(name, sheets), operators, figures)
    return EXIT.ok
  },
}

/** `sales.orders`, `orders`, `sales.orders.total`, `orders.total`; letter case does not matter. */
function find(name: string, sheets: readonly ExplainedSheet[]): Asked {
  const found = sheets.flatMap((sheet) => meant(name, sheet))
  const [first, second] = found
  if (first === undefined) throw unknown(name, sheets)
  if (second === undefined) return first
  throw new SheetflowError('app/usage', `${name} may be several things`, {
    fix: `Write ${found.map(({ sheet, column }) => (column === null ? sheet.view : `${sheet.view}.${column.name}`)).join(' or ')}.`,
  })
}

/** Says what there is instead: the columns of the sheet that was named, a sheet of a name that is close, or all of them. */
function unknown(name: string, sheets: readonly ExplainedSheet[]): SheetflowError {
  const begins = (prefix: string): boolean => name.toLowerCase().startsWith(`${prefix.toLowerCase()}.`)
  const sheet = sheets.find(({ view }) => begins(view) || begins(afterDot(view)))
  const close = didYouMean(
    name,
    sheets.flatMap(({ view }) => [view, afterDot(view)]),
  )
  return new SheetflowError('app/usage', `there is no sheet or column ${name}`, {
    fix:
      sheet === undefined
        ? (close ?? `Sheets are: ${sheets.map(({ view }) => view).join(', ')}.`)
        : `Columns of ${sheet.view} are: ${sheet.columns.map((one) => one.name).join(', ')}.`,
  })
}

function meant(name: string, sheet: ExplainedSheet): readonly Asked[] {
  for (const prefix of [sheet.view, afterDot(sheet.view)]) {
    if (equal(name, prefix)) return [{ sheet, column: null }]
    const column = sheet.columns.find((one) => equal(name, `${prefix}.${one.name}`))
    if (column !== undefined) return [{ sheet, column }]
  }
  return []
}

function afterDot(view: string): string {
  return view.slice(view.indexOf('.') + 1)
}

function equal(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function print(output: Output, { sheet, column }: Asked, all: readonly RunningOperator[], figures: readonly GraphFigures[]): void {
  const { columns: _, ...fields } = sheet
  output.event('sheet', fields, sheetText(sheet))
  for (const one of column === null ? sheet.columns : [column]) output.event('column', { ...one }, columnText(one))
  const operators = all.filter((one) => concerns(one, sheet, column))
  const ran = figures.find((one) => operators.some((operator) => figuresOf(operator, one) !== null)) ?? null
  const { operators: _operators, ...asOf } = ran ?? { operators: [] }
  const about = ran === null ? '' : `; ${asOfText(ran)}`
  output.event('operators', { count: operators.length, ...asOf }, `\n${bold('operators')} ${dim(`in the order in which they run${about}`)}`)
  for (const operator of operators) {
    const { kind, on, askedBy } = operator
    const own = ran === null ? null : figuresOf(operator, ran)
    const { kind: _kind, on: _on, askedBy: _askedBy, ...fields } = own ?? {}
    const did = own === null ? '' : `\n${' '.repeat(16)}${figuresText(own)}`
    output.event('operator', { kind, on, askedBy: askedBy ?? [], ...fields }, `  ${kind.padEnd(13)} ${on}${sharedText(askedBy)}${did}`)
  }
}

/** What that operator did, if it has run as it is now. */
function figuresOf({ kind, on, askedBy = [] }: RunningOperator, { operators }: GraphFigures): GraphFigures['operators'][number] | null {
  const formulas = askedBy.join('\n')
  return operators.find((one) => one.kind === kind && one.on === on && one.askedBy.join('\n') === formulas) ?? null
}

/** Is it one of the sheet's own, or an index that the sheet, or the column, asks? */
function concerns({ on, askedBy }: RunningOperator, { view }: ExplainedSheet, column: ExplainedColumn | null): boolean {
  if (askedBy === undefined) return on === view || on.startsWith(`${view},`) || on.startsWith(`${view}#`) || on === `rows of ${view}`
  return askedBy.some((one) =>
    column === null ? one.startsWith(`${view}[`) || one === `rows of ${view}` : one === `${view}[${column.name}]`,
  )
}

function sharedText(askedBy: readonly string[] | undefined): string {
  if (askedBy === undefined) return ''
  return `\n${' '.repeat(16)}${dim(`${askedBy.length > 1 ? 'shared by' : 'for'} ${askedBy.join(', ')}`)}`
}

function sheetText({ view, rows, formula, inputs, key, cost }: ExplainedSheet): string {
  const from = inputs.length === 0 ? '' : ` of ${inputs.join(', ')}`
  return [
    bold(view),
    `  rows   ${rows}${from}${formula === null ? '' : `: ${formula}`}`,
    `  key    ${key.length === 0 ? 'none: one row' : key.join(', ')}`,
    `  cost   ${costText(cost)}`,
    '',
    bold('columns'),
  ].join('\n')
}

function columnText({ name, type, published, formula, cost, reason }: ExplainedColumn): string {
  const head = `  ${bold(name)} ${dim(`${type}${published ? '' : ', not published'}`)}`
  if (cost === null) return head
  return [head, ...(formula === null ? [] : [`    ${formula}`]), `    ${costText(cost)}${reason === null ? '' : `: ${reason}`}`].join('\n')
}

function costText(cost: CostClass): string {
  switch (cost.class) {
    case 'constant':
    case 'log':
      return cost.class
    case 'fan-out':
      return `fan-out from ${cost.table}`
    case 'whole-table':
      return yellow('whole table')
  }
}
