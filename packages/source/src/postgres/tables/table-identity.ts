import type { CaptureState } from '@sheetflow/core/message'

/** By what the source knows a table, as the bus was last told of it, maybe by an earlier life. */
export interface TableIdentity {
  readonly oid: number
  /** `CatalogueTable.storage` */
  readonly storage: string
  /** Its place in the publication (`readMemberships`) up to which nothing of it was missed; undefined: not known. */
  readonly published: string | undefined
}

/** `oid:storage#published`, the opaque text of control messages (ADR 007). */
export function identityText({ oid, storage, published }: TableIdentity): string {
  return `${String(oid)}:${storage}${published === undefined ? '' : `#${published}`}`
}

/** The tables of a control message that have an identity, by their name. */
export function identitiesIn(tables: CaptureState['tables']): ReadonlyMap<string, TableIdentity> {
  return new Map(
    Object.entries(tables).flatMap(([name, { identity }]) => {
      const parts = /^(\d+):([^#]*)(?:#(.*))?$/.exec(identity ?? '')
      return parts === null ? [] : [[name, { oid: Number(parts[1]), storage: parts[2] ?? '', published: parts[3] }] as const]
    }),
  )
}
