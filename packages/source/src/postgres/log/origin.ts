import { SheetflowError } from '@sheetflow/core/errors'
import type { CaptureState } from '@sheetflow/core/message'
import type { FollowStart } from '@sheetflow/core/ports/source'
import type { Lsn } from './lsn.ts'
import { lsnFromSql } from './lsn.ts'
import type { SystemIdentity } from './replication-stream.ts'
import type { SlotState } from './slot.ts'

/** `system, timeline, slot`: of what history the marks on the bus are. The slot carries where its log began: a slot that was made again is another. */
export type Origin = CaptureState['origin']

/** Before anything is known, and after a new epoch. */
export const NO_ORIGIN: Origin = { system: '', timeline: '', slot: '' }

export function originOf(identity: SystemIdentity, slot: string, consistentPoint: Lsn): Origin {
  return { system: identity.system, timeline: identity.timeline, slot: `${slot}@${consistentPoint}` }
}

/** Where the slot's log began, or null if the origin does not say. */
export function consistentPointOf(origin: Origin): Lsn | null {
  const at = origin.slot.lastIndexOf('@')
  return at < 0 ? null : lsnFromSql(origin.slot.slice(at + 1))
}

/**
 * Is what the source offers the continuation of what the bus holds? Throws `source/slot-lost` or `source/foreign` (retry now: a new epoch and a snapshot
 * follow) if not. The bus must be at or ahead of what the source was told to forget: we confirm only what is safe there.
 */
export function checkOrigin(
  origin: Origin,
  last: FollowStart['last'],
  identity: SystemIdentity,
  name: string,
  slot: SlotState | null,
): asserts slot is SlotState {
  if (origin.system !== identity.system) throw foreign('it is another database system', { was: origin.system, is: identity.system })
  if (origin.timeline !== identity.timeline)
    throw foreign('it is on another timeline (a standby was promoted or a backup restored)', {
      was: origin.timeline,
      is: identity.timeline,
    })
  if (!origin.slot.startsWith(`${name}@`)) throw foreign('it is read through another slot', { was: origin.slot, is: name })
  if (slot === null || slot.walStatus === 'lost') {
    throw new SheetflowError('source/slot-lost', `The replication slot ${name} ${slot === null ? 'is gone' : 'has lost its log'}`, {
      retry: 'now',
      fix: 'A new epoch and a snapshot follow by themselves. Raise max_slot_wal_keep_size if this comes again.',
    })
  }
  if (slot.plugin !== 'pgoutput' || !slot.sameDatabase)
    throw foreign('its slot is of another kind or database', { plugin: slot.plugin, database: slot.database })
  if (last === null) return
  if (last.mark > identity.flushed) throw foreign('its log ends before what was read already', { read: last.mark, end: identity.flushed })
  if (slot.confirmed > last.mark && slot.confirmed !== consistentPointOf(origin)) {
    throw foreign('its slot was moved on by somebody else, or the bus was set back', { read: last.mark, confirmed: slot.confirmed })
  }
}

/**
 * Watches the first transactions after a restart. Nothing is ever confirmed beyond the start of a commit, so the last transaction on the bus comes
 * again, committed when it was. If the log goes past its place without it, or has another transaction there, this is another history.
 */
export class HistoryWitness {
  #expected: Lsn | null
  readonly #at: string | null

  /** `last` is the last transaction on the bus; the place where the slot began is no transaction and proves nothing. */
  constructor(last: FollowStart['last'], consistentPoint: Lsn | null) {
    this.#expected = last === null || last.mark === consistentPoint ? null : last.mark
    this.#at = last?.at ?? null
  }

  beginning(commitLsn: Lsn): void {
    if (this.#expected === null || commitLsn <= this.#expected) return
    throw foreign('the last transaction that was read is not in its log', { next: commitLsn })
  }

  /** A transaction that is on the bus already came to its end. */
  ended(commitLsn: Lsn, at: string): void {
    if (commitLsn !== this.#expected) return
    this.#expected = null
    if (this.#at === null || this.#at === at) return
    throw foreign('another transaction stands where the last one was that was read', { at, was: this.#at })
  }
}

function foreign(why: string, details: Readonly<Record<string, unknown>>): SheetflowError {
  return new SheetflowError('source/foreign', `The source is not the one whose changes are on the bus: ${why}`, {
    retry: 'now',
    fix: 'A new epoch and a snapshot follow by themselves.',
    details,
  })
}
