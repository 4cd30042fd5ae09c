import type { Range } from '@sheetflow/formula/diagnostic'
import { pivotGroups } from '@sheetflow/formula/bind/rows-derived'
import type { CallNode, ColumnName, Node, ReferenceNode } from '@sheetflow/formula/syntax/node'
import type { Findings } from '../diagnostic.ts'
import type { FormulaSource } from '../file/formula-source.ts'
import type { ColumnFormula, SheetFile } from '../file/sheet-file.ts'
import { suggestedName } from '../file/workbook-set.ts'
import { COLUMN_NAME } from './columns.ts'
import { equalNames } from './table-scope.ts'

const USAGE = 'PIVOTBY(t[a], t[b], t[x], SUM, {"one", "two"}); several row fields as HSTACK(t[a], t[c])'

/** Which function of the SUMIFS family computes the cells, and whether it takes the values as its first argument. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  SUM: 'SUMIFS',
  AVERAGE: 'AVERAGEIFS',
  MIN: 'MINIFS',
  MAX: 'MAXIFS',
  COUNTA: 'COUNTIFS',
}

/** A column that names its table. */
type ColumnReference = ReferenceNode & { readonly table: ColumnName; readonly column: ColumnName }

/** A call of PIVOTBY, taken apart. */
interface Pivot {
  readonly rows: readonly ColumnReference[]
  readonly by: ColumnReference
  readonly values: ColumnReference
  readonly fn: string
  readonly columns: readonly Node[]
}

/**
 * PIVOTBY with the columns given, as a view has the same columns whatever its rows hold: `PIVOTBY(t[a], t[b], t[x], SUM, {"one", "two"})` is the
 * sheet `GROUPBY(t[a])` with the columns `one: =SUMIFS([x], [b], "one")` and `two`. Any other file is answered as it is.
 */
export function withPivot(file: SheetFile, findings: Findings): SheetFile {
  const { rows } = file
  const node = rows?.parsed.node
  if (rows === null || node?.kind !== 'call' || node.name.toUpperCase() !== 'PIVOTBY' || rows.parsed.diagnostics.length > 0) return file
  const pivot = readPivot(node, rows, findings)
  // Where something is wrong it was reported; the rows are right without it, so that the columns of the sheet are checked too.
  const groups = pivotGroups(node)
  const columns = pivot === null ? [] : pivot.columns.map((value) => pivotColumn(pivot, value, rows))
  return { ...file, rows: { ...rows, parsed: { ...rows.parsed, node: groups } }, columns: [...columns, ...file.columns] }
}

function readPivot(node: CallNode, source: FormulaSource, findings: Findings): Pivot | null {
  const [, by, values, fn, given] = node.args
  const refuse = (range: Range, message: string, fix = USAGE): null => {
    findings.error('formula/arguments', source.place(range), message, { fix })
    return null
  }
  const rows = pivotGroups(node).args
  if (node.args.length !== 5 || given?.kind !== 'array')
    return refuse(node.nameRange, 'PIVOTBY needs its columns: a sheet has the same ones whatever its rows hold')
  if (!rows.every(isColumn) || !isColumn(by) || !isColumn(values))
    return refuse(node, 'row fields, column field and values are columns of one table')
  const other = [...rows, by, values].find((one) => !isOfTable(one, by))
  if (other !== undefined)
    return refuse(other, 'all columns of PIVOTBY must belong to one table', 'bring them together in one sheet first, with XLOOKUP')
  const name = fn?.kind === 'name' ? fn.name.toUpperCase() : ''
  if (!Object.hasOwn(FUNCTIONS, name))
    return refuse(fn ?? node, 'PIVOTBY cannot compute its cells by this', `write one of ${Object.keys(FUNCTIONS).join(', ')}`)
  const columns = given.rows.flat()
  const odd = columns.find((one) => one.kind !== 'text' && one.kind !== 'number' && one.kind !== 'bool')
  if (odd !== undefined) return refuse(odd, 'the columns of PIVOTBY are texts, numbers or booleans')
  return { rows, by, values, fn: name, columns }
}

function isColumn(node: Node | undefined): node is ColumnReference {
  return node?.kind === 'reference' && node.table !== null && node.column !== null && !node.row
}

function isOfTable(one: ColumnReference, other: ColumnReference): boolean {
  return equalNames(one.table.name, other.table.name) && equalNames(one.source?.name ?? '', other.source?.name ?? '')
}

/** The column of one value: everything in it stands where the value does. */
function pivotColumn({ by, values, fn }: Pivot, value: Node, source: FormulaSource): ColumnFormula {
  const range = { start: value.start, end: value.end }
  const shown = textOf(value)
  const criterion: Node = value.kind === 'text' ? { ...value, asGroup: true } : value
  const [of, where] = [ownColumn(values, range), ownColumn(by, range)]
  const args = fn === 'COUNTA' ? [where, criterion, of, { kind: 'text' as const, value: '<>', ...range }] : [of, where, criterion]
  const call: CallNode = { kind: 'call', name: FUNCTIONS[fn] ?? fn, nameRange: range, args, ...range }
  return {
    name: COLUMN_NAME.test(shown) ? shown : suggestedName(shown),
    at: source.place(range),
    formula: { at: source.at, parsed: { ...source.parsed, node: call, diagnostics: [] }, place: (part) => source.place(part) },
  }
}

/** `[x]`: the column of the group's rows. */
function ownColumn(column: ColumnReference, range: Range): ReferenceNode {
  return { ...column, ...range, table: null, source: null }
}

function textOf(value: Node): string {
  if (value.kind === 'text') return value.value
  if (value.kind === 'bool') return value.value ? 'TRUE' : 'FALSE'
  return value.kind === 'number' ? value.text : ''
}
