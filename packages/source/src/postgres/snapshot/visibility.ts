import { SheetflowError } from '@sheetflow/core/errors'

/** Which transactions a database snapshot sees: all below `xmin`, none from `xmax` on, in between all but `running`. 64-bit ids. */
export interface DbSnapshot {
  readonly text: string
  readonly xmin: number
  readonly xmax: number
  readonly running: ReadonlySet<number>
}

/** `xmin:xmax:xip,…` of `pg_current_snapshot()`. */
export function parseSnapshot(text: string): DbSnapshot {
  const match = /^(\d+):(\d+):([\d,]*)$/.exec(text)
  if (match === null) throw new SheetflowError('source/protocol', 'pg_current_snapshot() said something unexpected', { details: { text } })
  const running = (match[3] ?? '').split(',').filter((xid) => xid !== '')
  return { text, xmin: Number(match[1]), xmax: Number(match[2]), running: new Set(running.map(Number)) }
}

/**
 * Does the snapshot see the transaction? The log gives only the low 32 bits of an id; the epoch is the one that brings it nearest to `xmax`:
 * no transaction is 2³¹ away from one that still matters.
 */
export function sees(snapshot: DbSnapshot, xid32: number): boolean {
  const distance = (xid32 - (snapshot.xmax % 2 ** 32)) | 0
  const xid = snapshot.xmax + distance
  return xid < snapshot.xmin || (xid < snapshot.xmax && !snapshot.running.has(xid))
}
