import { SheetflowError } from '@sheetflow/core/errors'
import type { ControlDraft, SourceEvent } from '@sheetflow/core/ports/source'
import type { TableSchema } from '@sheetflow/core/schema'

/** A message of a half-written transaction that is no rows: its ordinal is taken. */
export type FixedPiece = { readonly ordinal: number } & (
  | { readonly kind: 'schema'; readonly schema: TableSchema }
  | { readonly kind: 'control'; readonly control: ControlDraft }
)

/**
 * Makes the second delivery of a half-written transaction count as the first one did. Schema and control messages that stand on the bus already are not said
 * again by the driver (it goes on from them), but they have their ordinals; here they are put back in their places.
 *
 * A control message that arises only now (this life sees a table for the first time and begins a run of it) has no ordinal in the half that stands there: it
 * follows right behind the half. Nothing of a run is published before its transaction has ended, so a later `start` begins the same run. A schema message that was
 * not there the first time proves that the column lists changed meanwhile: `source/foreign`, which leads to a new epoch (FORMATS 4).
 */
export class HalfReplay {
  readonly #fixed: readonly FixedPiece[]
  readonly #next: number
  /** Control messages of this delivery that wait for the end of the half. */
  #later: SourceEvent[] = []
  #at = 0
  #ordinal = 0

  constructor(fixed: readonly FixedPiece[], next: number) {
    this.#fixed = fixed.toSorted((a, b) => a.ordinal - b.ordinal)
    this.#next = next
  }

  /** The event with the pieces that belong in front of it or into it. */
  adapt(event: SourceEvent): readonly SourceEvent[] {
    switch (event.kind) {
      case 'rows':
        return this.#rows(event)
      case 'schema':
      case 'control':
        return this.#single(event)
      case 'commit':
        return this.#ended(event)
      case 'begin':
      case 'idle':
        return [event]
    }
  }

  #rows(event: Extract<SourceEvent, { kind: 'rows' }>): readonly SourceEvent[] {
    const events: SourceEvent[] = []
    let rows = event.rows
    while (rows.length > 0) {
      events.push(...this.#due())
      const room = this.#nextPlace() - this.#ordinal
      const part = rows.slice(0, room)
      rows = rows.slice(part.length)
      this.#ordinal += part.length
      events.push({ ...event, rows: part })
    }
    return events
  }

  #single(event: Extract<SourceEvent, { kind: 'schema' | 'control' }>): readonly SourceEvent[] {
    const due = this.#due()
    if (this.#ordinal < this.#next) {
      if (event.kind === 'control') return this.#wait(event, due)
      throw new SheetflowError(
        'source/foreign',
        `The columns of ${event.schema.table} changed while one of its transactions stood half-written`,
        {
          retry: 'now',
          fix: 'A new epoch and a snapshot follow by themselves.',
        },
      )
    }
    this.#ordinal++
    return [...due, event]
  }

  #wait(event: SourceEvent, due: readonly SourceEvent[]): readonly SourceEvent[] {
    this.#later.push(event)
    return due
  }

  /** A second delivery that is shorter than what stands there is another transaction. */
  #ended(event: SourceEvent): readonly SourceEvent[] {
    const due = this.#due()
    if (this.#ordinal >= this.#next) return [...due, event]
    throw new SheetflowError('source/foreign', 'A transaction that stands half-written came again with less in it', {
      retry: 'now',
      fix: 'A new epoch and a snapshot follow by themselves.',
    })
  }

  /** The ordinal at which something has to be put between rows. */
  #nextPlace(): number {
    const fixed = this.#fixed[this.#at]?.ordinal ?? Number.POSITIVE_INFINITY
    return this.#later.length > 0 ? Math.min(fixed, this.#next) : fixed
  }

  /** Pieces whose turn it is. */
  #due(): SourceEvent[] {
    const events: SourceEvent[] = []
    for (let piece = this.#fixed[this.#at]; piece !== undefined && piece.ordinal === this.#ordinal; piece = this.#fixed[this.#at]) {
      events.push(piece.kind === 'schema' ? { kind: 'schema', schema: piece.schema } : { kind: 'control', control: piece.control })
      this.#at++
      this.#ordinal++
    }
    if (this.#ordinal < this.#next) return events
    const later = this.#later
    this.#later = []
    this.#ordinal += later.length
    return [...events, ...later]
  }
}
