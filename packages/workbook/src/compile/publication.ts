import type { ListSchema, SheetSchema } from '@sheetflow/core/schema'
import { isLost } from '@sheetflow/formula/bind/dropped'
import type { Scope, ScopeRelation } from '@sheetflow/formula/bind/scope'
import { didYouMean } from '@sheetflow/formula/suggest'
import { parseFormat } from '@sheetflow/formula/text-format/parse-format'
import type { ColumnFormula, PlacedName, SheetFile } from '../file/sheet-file.ts'
import type { PredicateColumn } from '../predicate/lower.ts'
import type { SheetColumn } from './columns.ts'
import type { GraphContext } from './graph-context.ts'
import { bindNestedList } from './nested-list.ts'
import { bindReadRules } from './read-rules.ts'
import { findNamed } from './table-scope.ts'

/** What is published of a sheet: which columns, and what its schema says beside them. */
export interface Published {
  /** Indexes of the columns that readers see: key, kept, computed. */
  readonly indexes: readonly number[]
  readonly schema: Omit<SheetSchema, 'v' | 'table' | 'schema' | 'hash' | 'key' | 'columns' | 'generation'>
}

/** A sheet whose columns are bound. */
export interface BoundColumnsOf {
  readonly relation: ScopeRelation & { readonly indexed: ReadonlySet<string> }
  readonly scope: Scope
  readonly columns: readonly SheetColumn[]
  readonly key: readonly number[]
  /** How many of the columns are the input's. */
  readonly input: number
  readonly kept: readonly { readonly name: string; readonly index: number }[]
  readonly lists: readonly ColumnFormula[]
}

/** Binds `publish`, `read`, `format` and the nested lists. */
export function publicationOf(file: SheetFile, graph: GraphContext, sheet: BoundColumnsOf): Published {
  const computed = sheet.columns.map((_, index) => index).filter((index) => index >= sheet.input)
  const indexes = [...sheet.kept.map((one) => one.index), ...computed]
  const published = new Map<string, PredicateColumn>()
  for (const index of indexes) {
    const column = sheet.columns[index]
    if (column !== undefined) {
      published.set(column.name, {
        name: column.name,
        type: column.type,
        indexed: sheet.relation.indexed.has(column.name),
        where: file.at.file,
        lost: column.formula !== null && isLost(column.formula),
      })
    }
  }
  const key = new Set(sheet.key.map((index) => sheet.columns[index]?.name ?? ''))
  const lists = bindLists(file, graph, sheet, published)
  const rules = { workbook: file.workbook, scope: sheet.scope, published, key, lists: new Set(sheet.lists.map((one) => one.name)) }
  return {
    indexes,
    schema: {
      index: namedColumns(file.index, published, graph, checkIndexable),
      search: namedColumns(file.search, published, graph, checkSearchable),
      lists,
      ...(file.read === null ? {} : { read: bindReadRules(file.read, rules, graph) }),
      ...formats(file, published, graph),
      ...(file.about === null ? {} : { about: file.about }),
      ...(file.store === null ? {} : { store: file.store }),
    },
  }
}

function bindLists(
  file: SheetFile,
  graph: GraphContext,
  sheet: BoundColumnsOf,
  published: ReadonlyMap<string, PredicateColumn>,
): Readonly<Record<string, ListSchema>> {
  const lists: Record<string, ListSchema> = {}
  for (const column of sheet.lists) {
    const list = bindNestedList(column, { scope: sheet.scope, published }, graph)
    if (list === null) continue
    lists[column.name] = list
    const child = graph.sheet(list.view)
    if (file.read !== null && child !== undefined && !graph.isPublished(list.view)) {
      graph.findings.warning('workbook/read-rule', column.formula.at, `${child.label} has no read rules, so nobody sees this list`, {
        fix: `add "read:" to ${child.at.file}`,
      })
    }
  }
  return lists
}

function namedColumns(
  names: readonly PlacedName[],
  published: ReadonlyMap<string, PredicateColumn>,
  graph: GraphContext,
  check: (column: PredicateColumn, at: PlacedName['at'], graph: GraphContext) => boolean,
): string[] {
  return names.flatMap(({ name, at }) => {
    const column = findNamed(published.values(), name)
    if (column !== undefined) return check(column, at, graph) ? [column.name] : []
    const fix =
      didYouMean(
        name,
        [...published.values()].map((one) => one.name),
      ) ?? 'add it to keep'
    graph.findings.error('formula/unknown-name', at, `this sheet has no column "${name}"`, { fix })
    return []
  })
}

function checkIndexable({ name, type }: PredicateColumn, at: PlacedName['at'], graph: GraphContext): boolean {
  if (type.type !== 'json' && type.type !== 'bytes' && type.type !== 'list') return true
  graph.findings.error('workbook/shape', at, `${type.type} column "${name}" cannot be indexed`, {
    fix: 'compute a column of another type from it and index that',
  })
  return false
}

function checkSearchable({ name, type }: PredicateColumn, at: PlacedName['at'], graph: GraphContext): boolean {
  if (type.type === 'text') return true
  graph.findings.error('workbook/shape', at, `only text columns can be searched, and "${name}" is ${type.type}`, {
    fix: 'search a text column',
  })
  return false
}

function formats(
  file: Pick<SheetFile, 'format'>,
  published: ReadonlyMap<string, PredicateColumn>,
  graph: GraphContext,
): { format?: Readonly<Record<string, string>> } {
  if (file.format.length === 0) return {}
  const format: Record<string, string> = {}
  for (const { name, at, text, textAt } of file.format) {
    const [column] = namedColumns([{ name, at }], published, graph, () => true)
    if (parseFormat(text) === null)
      graph.findings.error('workbook/shape', textAt, `"${text}" is no number format`, {
        fix: 'write one as in Excel: "#,##0.00", "yyyy-mm-dd"',
      })
    else if (column !== undefined) format[column] = text
  }
  return { format }
}
