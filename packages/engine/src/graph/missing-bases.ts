import type { MissingBase } from './source-tables.ts'

/** One key of one table as text. */
export function missingKey({ source, table, key }: MissingBase): string {
  return `${source}!${table}/${JSON.stringify(key)}`
}

/** What has to be read again is asked of a renamed table by the name that it has now. `missing`: by `missingKey`. */
export function renameMissing(
  missing: Map<string, MissingBase>,
  source: string,
  { table, to }: { readonly table: string; readonly to: string },
): void {
  for (const [key, one] of missing) {
    if (one.source !== source || one.table !== table) continue
    missing.delete(key)
    const renamed = { ...one, table: to }
    missing.set(missingKey(renamed), renamed)
  }
}
