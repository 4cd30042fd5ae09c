import { SheetflowError } from '@sheetflow/core/errors'
import type { PublicationState } from './publication.ts'
import { addTablesSql } from './publication.ts'
import type { PostgresSettings } from '../settings.ts'
import { publicationOf } from '../settings.ts'

/** What is asked of a table that has to be in the publication. */
export interface Publishable {
  readonly oid: number
  readonly name: string
  /** Does it belong to this user? */
  readonly owned: boolean
}

/** A table that cannot be added. */
export interface Unpublished {
  readonly oid: number
  readonly table: string
  readonly why: string
  readonly fix: string
}

/** Those of the tables that are not in the publication and that this user may not add to it: only the owner of both may. */
export function unpublishable(publication: string, state: PublicationState | null, tables: readonly Publishable[]): readonly Unpublished[] {
  if (state === null) return []
  return tables
    .filter((table) => !state.tables.has(table.name) && !(table.owned && state.owned))
    .map(({ oid, name }) => ({
      oid,
      table: name,
      why: `it is not in the publication ${publication}, and this user does not own both`,
      fix: `Run as its owner: ${addTablesSql(publication, [name])};`,
    }))
}

/**
 * A later start: of tables that the bus does not know yet those that cannot be published are left out, for a table that somebody made must not stop the others. One that
 * is named without a pattern is `source/not-ready`.
 */
export function leaveOut(settings: PostgresSettings, refused: readonly Unpublished[]): void {
  for (const { table, why, fix } of refused) {
    if (settings.tables.includes(table)) {
      throw new SheetflowError('source/not-ready', `${table} cannot be captured: ${why}`, { fix })
    }
    settings.log?.warn('source.refused', { source: settings.name, publication: publicationOf(settings), table, why, fix })
  }
}
