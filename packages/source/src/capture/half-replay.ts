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
 * again by the driver (it goes on from them), but they have their ordinals; here they are put back in their places. A schema message that was not there the
 * first time proves that the column lists changed meanwhile: `source/foreign`, which leads to a new epoch (FORMATS 4).
 */
export class HalfReplay {
  readonly #fixed: readonly FixedPiece[]
  readonly #next: number
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
        return [...this.#due(), event]
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
      const room = (this.#fixed[this.#at]?.ordinal ?? Number.POSITIVE_INFINITY) - this.#ordinal
      const part = rows.slice(0, room)
      rows = rows.slice(part.length)
      this.#ordinal += part.length
      events.push({ ...event, rows: part })
    }
    return events
  }

  #single(event: Extract<SourceEvent, { kind: 'schema' | 'control' }>): readonly SourceEvent[] {
    const due = this.#due()
    if (event.kind === 'schema' && this.#ordinal < this.#next) {
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

  /** Pieces whose turn it is. */
  #due(): SourceEvent[] {
    const events: SourceEvent[] = []
    for (let piece = this.#fixed[this.#at]; piece !== undefined && piece.ordinal === this.#ordinal; piece = this.#fixed[this.#at]) {
      events.push(piece.kind === 'schema' ? { kind: 'schema', schema: piece.schema } : { kind: 'control', control: piece.control })
      this.#at++
      this.#ordinal++
    }
    return events
  }
}
