import type { TableSchema } from '@sheetflow/core/schema'
import { tablesByName, type NamedTable } from '../compile/table-scope.ts'
import type { staleNames } from '../deployment.ts'

/**
 * Schemas in which tables and columns have the names that the files know them by, for their tests; a table that was renamed is there by both names, and
 * `ids` says by which the graph knows it.
 */
export function withOldNames(
  tables: ReadonlyMap<string, TableSchema>,
  { ids, tableIds }: Pick<ReturnType<typeof staleNames>, 'ids' | 'tableIds'>,
): { readonly tables: ReadonlyMap<string, TableSchema>; readonly ids: ReadonlyMap<string, string> } {
  const named = tablesByName({ tables, tableIds })
  const known = (one: NamedTable): TableSchema => {
    const names = new Map(Object.entries(ids[one.id] ?? ids[one.now] ?? {}).map(([name, column]) => [column, name]))
    const columns = one.schema.columns.map((column) => ({ ...column, name: names.get(column.id) ?? column.name }))
    return {
      ...one.schema,
      columns,
      key: one.schema.key.map((key) => columns[one.schema.columns.findIndex(({ name }) => name === key)]?.name ?? key),
    }
  }
  return {
    tables: new Map(named.flatMap((one) => [one.id, one.now].map((id) => [id, known(one)] as const))),
    ids: new Map(named.map(({ id, now }) => [now, id])),
  }
}
