import type { CatalogueTable } from './catalogue.ts'
import { quoteName, quoteTable } from '../session/sql-text.ts'

/** The columns that identify a row, or why there are none, with the SQL that mends it. */
export type KeyChoice = { readonly key: readonly string[] } | { readonly why: string; readonly fix: string }

/**
 * Chooses the key of a table: primary key, else a unique index over not-null columns, else the declared key. The change log must carry the
 * key of updated and deleted rows, so the choice depends on the table's replica identity. What must not happen is that capturing a table makes the
 * application's own UPDATE or DELETE fail: such a table is refused, not published.
 */
export function chooseKey(table: CatalogueTable, declared: readonly string[] | undefined): KeyChoice {
  const refused = refusal(table)
  if (refused !== null) return refused
  const choice = ofIdentity(table, declared)
  return 'key' in choice ? (refusalOfPartition(table, choice.key) ?? choice) : choice
}

function ofIdentity(table: CatalogueTable, declared: readonly string[] | undefined): KeyChoice {
  const primary = table.indexes.find((index) => index.primary)
  switch (table.identity) {
    case 'd':
      return primary === undefined ? withoutPrimary(table, declared) : { key: primary.columns }
    case 'i': {
      const identity = table.indexes.find((index) => index.identity)
      return identity === undefined ? withoutPrimary(table, declared) : { key: identity.columns }
    }
    case 'f':
      return fullIdentity(table, declared)
    default:
      return {
        why: 'its replica identity is NOTHING: updates and deletes would not say which row they mean',
        fix: primary === undefined ? identityFix(table) : `ALTER TABLE ${quoteTable(table.name)} REPLICA IDENTITY DEFAULT;`,
      }
  }
}

function refusal(table: CatalogueTable): { why: string; fix: string } | null {
  const name = quoteTable(table.name)
  if (table.foreign) return { why: 'a foreign table has no change log here', fix: 'Capture it at the server where its rows are.' }
  if (table.unlogged) return { why: 'an unlogged table has no change log', fix: `ALTER TABLE ${name} SET LOGGED;` }
  if (!table.selectable) return { why: 'its rows may not be read', fix: grants(table) }
  if (table.rowSecurity)
    return { why: 'row level security hides rows from this user', fix: `ALTER ROLE ${quoteName(table.role)} BYPASSRLS;` }
  return null
}

/** A partition logs old rows by its own replica identity, which it does not take from its root; the root's says only how it is told. */
function refusalOfPartition({ partitions, indexes }: CatalogueTable, key: readonly string[]): { why: string; fix: string } | null {
  const isKey = (columns: readonly string[]): boolean => columns.length === key.length && key.every((name) => columns.includes(name))
  for (const { name, identity, columns, unlogged, foreign } of partitions) {
    if (foreign) return { why: `its partition ${name} is a foreign table`, fix: 'Capture it at the server where its rows are.' }
    if (unlogged) return { why: `its partition ${name} is unlogged`, fix: `ALTER TABLE ${quoteTable(name)} SET LOGGED;` }
    if (identity === 'f' || isKey(columns)) continue
    const primary = indexes.find((index) => index.primary)
    const wanted = primary !== undefined && identity !== 'd' && isKey(primary.columns) ? 'DEFAULT' : 'FULL'
    return {
      why: `the replica identity of its partition ${name} is not its key`,
      fix: `ALTER TABLE ${quoteTable(name)} REPLICA IDENTITY ${wanted};`,
    }
  }
  return null
}

/** What whoever may grant it runs, so the role is named: theirs is another. */
function grants({ name, role }: CatalogueTable): string {
  const schema = name.slice(0, name.indexOf('.'))
  const usage = schema === 'public' ? '' : `GRANT USAGE ON SCHEMA ${quoteName(schema)} TO ${quoteName(role)}; `
  return `${usage}GRANT SELECT ON ${quoteTable(name)} TO ${quoteName(role)};`
}

function fullIdentity(table: CatalogueTable, declared: readonly string[] | undefined): KeyChoice {
  const index = table.indexes[0]
  if (index !== undefined) return { key: index.columns }
  if (declared === undefined) return noKey(table)
  const missing = declared.filter((name) => !table.columns.some((column) => column.name === name))
  if (missing.length > 0)
    return { why: `its declared key names ${missing.join(', ')}, which it does not have`, fix: 'Correct `keys:` in the configuration.' }
  // Rows are read in the order of the key, and a row without one has no place in it.
  const blank = table.columns.filter((column) => declared.includes(column.name) && !column.notNull).map((column) => column.name)
  if (blank.length > 0) {
    return {
      why: `its declared key may be NULL in ${blank.join(', ')}`,
      fix: `ALTER TABLE ${quoteTable(table.name)} ${blank.map((name) => `ALTER ${quoteName(name)} SET NOT NULL`).join(', ')};`,
    }
  }
  return { key: declared }
}

function withoutPrimary(table: CatalogueTable, declared: readonly string[] | undefined): KeyChoice {
  if (table.indexes.length > 0) {
    return { why: 'it has a unique index but no primary key, and its replica identity does not name the index', fix: identityFix(table) }
  }
  if (declared !== undefined) {
    return {
      why: 'a declared key needs the whole old row in the change log',
      fix: `ALTER TABLE ${quoteTable(table.name)} REPLICA IDENTITY FULL;`,
    }
  }
  return noKey(table)
}

function noKey(table: CatalogueTable): KeyChoice {
  return {
    why: 'it has no primary key and no unique index over not-null columns',
    fix: `ALTER TABLE ${quoteTable(table.name)} ADD PRIMARY KEY (…); or declare \`keys:\` in the configuration and ALTER TABLE ${quoteTable(table.name)} REPLICA IDENTITY FULL;`,
  }
}

function identityFix(table: CatalogueTable): string {
  const index = table.indexes[0]
  const name = quoteTable(table.name)
  return index === undefined
    ? `ALTER TABLE ${name} REPLICA IDENTITY FULL;`
    : `ALTER TABLE ${name} REPLICA IDENTITY USING INDEX ${quoteName(index.name)};`
}
