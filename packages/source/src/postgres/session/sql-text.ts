/** Names and values as parts of SQL text, for the places where Postgres takes no parameters (replication commands, COPY, publications). */

/** A name in double quotes. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text constant, safe whatever `standard_conforming_strings` says. */
export function quoteText(text: string): string {
  const doubled = text.replaceAll("'", "''")
  return doubled.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
}

/** `schema.table` → `"schema"."table"`; the table's name may contain dots. */
export function quoteTable(table: string): string {
  const dot = table.indexOf('.')
  return `${quoteName(table.slice(0, dot))}.${quoteName(table.slice(dot + 1))}`
}
