import type { ExplainedCell, ExplainedInput, SeenRow } from '@sheetflow/workbook/why/explain-cell'
import { bold, dim } from '../cli/output.ts'
import { keyText, rowText, valueText } from './texts.ts'

const STEP = '  '

/** A cell as lines: its formula, what that reads, and so on inwards. */
export function cellLines(cell: ExplainedCell, indent: string = STEP): readonly string[] {
  const formula = cell.formula === null ? [] : [`${indent}${dim(cell.formula.replaceAll('\n', `\n${indent}`))}`]
  const more = cell.deeper && cell.formula !== null ? [`${indent}${dim('… --depth shows more')}`] : []
  return [...formula, ...cell.inputs.flatMap((input) => inputLines(input, cell, indent)), ...more]
}

/** What a condition reads, as lines. */
export function inputLines(input: ExplainedInput, of: Pick<ExplainedCell, 'relation'> | null, indent: string): readonly string[] {
  switch (input.kind) {
    case 'cell': {
      const { cell } = input
      const name = input.role === 'own' ? `[@${cell.column}]` : input.role === 'named' ? cell.column : place(cell)
      const elsewhere = input.role === 'own' && cell.relation !== of?.relation && of !== null ? ` of ${place(cell)}` : ''
      const word = input.role === 'origin' ? 'from ' : ''
      return [`${indent}${word}${name}${elsewhere} = ${bold(valueText(cell.value))}`, ...cellLines(cell, indent + STEP)]
    }
    case 'lookup': {
      const { relation, column, mode, search, found } = input
      const how = { '-1': '= or next below', '0': '=', '1': '= or next above', '2': 'like' }[mode]
      const head = `${indent}row of ${relation} with ${column} ${how} ${valueText(search)}`
      if (found === null) return [`${head}: ${bold('none')}`]
      return [`${head}: ${keyText(found.key)}, its ${found.column} = ${bold(valueText(found.value))}`, ...cellLines(found, indent + STEP)]
    }
    case 'rows':
      return [`${indent}${rowsHead(input)}`, ...seenLines(input.rows, input.count, indent + STEP)]
    case 'array':
      return [
        `${indent}${input.columns.join(', ')} of ${input.count === 1 ? 'the row' : `all ${input.count} rows`} of ${input.relation}`,
        ...seenLines(input.rows, input.count, indent + STEP),
      ]
    case 'clock':
      return [`${indent}${input.unit === 'day' ? 'TODAY()' : 'NOW()'} = ${bold(valueText(input.value))}`]
  }
}

function rowsHead(input: Extract<ExplainedInput, { kind: 'rows' }>): string {
  const { relation, column, criteria, value, count } = input
  const rows = count === 1 ? '1 row' : `${count} rows`
  if (input.function === 'group') return `the group's ${rows} of ${relation}`
  const where = criteria.map(
    (one) => `${one.column} ${one.op === 'criterion' || one.op === 'group' ? 'is' : one.op} ${valueText(one.value)}`,
  )
  const what = column === null ? `rows of ${relation}` : `${column} of ${relation}`
  return `${input.function.replace('count-rows', 'count')} of ${what}${where.length === 0 ? '' : ` where ${where.join(', ')}`} = ${bold(valueText(value))}, ${rows}`
}

function seenLines(rows: readonly SeenRow[], count: number, indent: string): readonly string[] {
  const lines = rows.map(({ key, values }) => {
    const cells = Object.entries(values).map(([name, value]) => `${name} ${valueText(value)}`)
    return `${indent}${keyText(key)}${cells.length === 0 ? '' : `  ${dim(cells.join(', '))}`}`
  })
  return count > rows.length ? [...lines, `${indent}${dim(`and ${count - rows.length} more`)}`] : lines
}

function place({ relation, key, column }: ExplainedCell): string {
  return `${rowText(relation, key)} [${column}]`
}
