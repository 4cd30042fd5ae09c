import type { CostClass } from '@sheetflow/formula/bound'
import type { SheetDifference } from '@sheetflow/engine/ledger/compare-programs'
import type { ColumnDifference, SheetDefinitionDifference } from '@sheetflow/workbook/preview/compare-sheets'
import { counted } from '../cli/print-diagnostics.ts'
import { bold, dim, green, red, yellow } from '../cli/output.ts'
import { changeText, keyText, valueText } from './texts.ts'

/** One sheet, as the preview tells of it. */
export interface PreviewedSheet {
  readonly view: string
  /** `untouched`: readers go on; `rebuilt`: they get it anew; `new`, `gone`. */
  readonly fate: 'untouched' | 'rebuilt' | 'new' | 'gone'
  /** May anybody read it? */
  readonly readable: boolean
  readonly rows: SheetDifference | null
  readonly definition: SheetDefinitionDifference | null
  /** Tables of which it reads what is not kept: its rows are not known. */
  readonly incomplete: readonly string[]
}

const FATES = { untouched: dim('not touched'), rebuilt: yellow('rebuilt'), new: green('new'), gone: red('gone') }

const SAME_TEXT = 'its formulas are the same: something that it reads or publishes has changed'

/** The lines of one sheet. */
export function sheetLines({ view, fate, readable, rows, definition, incomplete }: PreviewedSheet): readonly string[] {
  const head = `${bold(view)}  ${FATES[fate]}${readable ? '' : dim(', without readers')}`
  if (incomplete.length > 0) {
    const tables = incomplete.join(', ')
    return [
      head,
      ...definitionLines(definition),
      `  ${yellow('rows not known')}: it reads what nobody has kept of ${tables}, and the streams do not hold it any more; deployed, it is read from the source anew`,
    ]
  }
  if (rows === null) return [head, ...definitionLines(definition)]
  const silent = fate === 'rebuilt' && definition === null ? [dim(`  ${SAME_TEXT}`)] : []
  return [`${head}  ${countsText(rows)}`, ...definitionLines(definition), ...silent, ...exampleLines(rows)]
}

function countsText({ before, after, appear, change, vanish }: SheetDifference): string {
  const parts = [
    ...(appear === 0 ? [] : [green(`${appear} appear`)]),
    ...(change === 0 ? [] : [yellow(`${change} change`)]),
    ...(vanish === 0 ? [] : [red(`${vanish} vanish`)]),
  ]
  const rows = before === after ? counted(after, 'row') : `${before} → ${counted(after, 'row')}`
  return `${rows}: ${parts.length === 0 ? 'all as they are' : parts.join(', ')}`
}

function definitionLines(definition: SheetDefinitionDifference | null): readonly string[] {
  if (definition === null) return []
  const { kind, rows, key, readers, columns } = definition
  if (kind === 'goes') return []
  return [
    ...(rows === undefined ? [] : [`  rows ${arrow(rows.before, rows.after)}`]),
    ...(key === undefined ? [] : [`  key ${arrow(key.before.join(', ') || null, key.after.join(', ') || 'none: one row')}`]),
    ...(readers === undefined ? [] : [`  read by ${readersText(readers)}`]),
    ...columns.map(columnLine),
  ]
}

function readersText({ before, after }: NonNullable<SheetDefinitionDifference['readers']>): string {
  const [was, is] = [before.join(', ') || 'nobody', after.join(', ') || 'nobody']
  return was === is ? `${is}, by another rule` : before.length === 0 ? is : `${red(was)} → ${green(is)}`
}

function columnLine({ column, kind, type, retyped, formula, cost }: ColumnDifference): string {
  const head = `  column ${bold(column)}`
  if (kind === 'goes') return `${head} ${red('goes')}`
  const parts = [
    ...(kind === 'appears' ? [`${green('appears')}: ${type ?? ''}`] : []),
    ...(retyped === undefined ? [] : [`${red(retyped.before)} → ${green(retyped.after)}`]),
    ...(formula === undefined ? [] : [arrow(formula.before, formula.after)]),
  ]
  const now = cost === undefined || (kind === 'appears' && cost.after.class === 'constant') ? null : costText(cost.after)
  const why = cost?.reason === null || cost?.reason === undefined ? '' : `: ${cost.reason}`
  return [`${head} ${parts.join(', ')}`, ...(now === null ? [] : [`    now ${now}${why}`])].join('\n')
}

function costText(cost: CostClass): string {
  switch (cost.class) {
    case 'constant':
    case 'log':
      return `${cost.class} cost`
    case 'fan-out':
      return `fan-out from ${cost.table}`
    case 'whole-table':
      return yellow('whole table')
  }
}

function arrow(before: string | null, after: string | null): string {
  return before === null ? (after ?? '') : `${red(before)} → ${after === null ? 'none' : green(after)}`
}

const SIGNS = { appears: green('+'), changes: yellow('~'), vanishes: red('-') }

function exampleLines({ appear, change, vanish, examples }: SheetDifference): readonly string[] {
  const lines: string[] = []
  const kinds = [
    ['appears', appear],
    ['changes', change],
    ['vanishes', vanish],
  ] as const
  for (const [kind, count] of kinds) {
    const shown = examples.filter((one) => one.kind === kind)
    for (const { key, cells } of shown) {
      const text =
        kind === 'changes' ? cells.map(changeText) : cells.map((cell) => `${cell.column} ${valueText(cell.after ?? cell.before ?? null)}`)
      lines.push(`  ${SIGNS[kind]} ${key.length === 0 ? '' : `${keyText(key)}  `}${text.join(', ')}`)
    }
    if (count > shown.length && shown.length > 0) lines.push(dim(`    and ${count - shown.length} more`))
  }
  return lines
}
