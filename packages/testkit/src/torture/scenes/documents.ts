import type { Stage } from './scene.ts'

/** The table that scenes write and nobody else: 200 rows with a wide column, read in ten chunks. */
export const DOCUMENTS = 'public.documents'

/** The document that is read last. */
export const LAST = 1200

/** What the stream says that a document says; undefined: there is no such row. */
export function said({ watch }: Stage, id: number): string | undefined {
  const table = watch.replica.table(DOCUMENTS)
  const value = table.cell(table.rows.get(String(id)), 'said')
  return typeof value === 'string' ? value : undefined
}

/** A wide column arrived with its row. */
export function isWhole({ watch }: Stage, id: number): boolean {
  const table = watch.replica.table(DOCUMENTS)
  const body = table.cell(table.rows.get(String(id)), 'body')
  return typeof body === 'string' && body.length > 1000
}
