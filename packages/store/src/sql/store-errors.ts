import { SheetflowError } from '@sheetflow/core/errors'
import type { StoredPosition } from '@sheetflow/core/position'

/** What every store of views answers when it cannot go on, and when a commit is news to it. */

/** Does the commit stand behind the stored one? A later epoch is behind every earlier one (its number counts up). */
export function isBehind(position: StoredPosition, stored: StoredPosition): boolean {
  return position.epoch === stored.epoch ? position.offset > stored.offset : position.epoch > stored.epoch
}

/** Somebody else writes this store now. */
export function fenced(): SheetflowError {
  return new SheetflowError('store/fenced', 'another process has taken over as the writer of this store', {
    fix: 'Stop this process, or give the other one a store of its own.',
  })
}

/** Changes came for a generation that is not the current one. */
export function notCurrent(view: string, generation: number, current: number | null): SheetflowError {
  return new SheetflowError('store/unknown', `changes for ${view} in generation ${generation}, but the store holds ${current ?? 'none'}`, {
    fix: 'The view is asked for again and filled anew.',
    details: { view, generation, current },
  })
}

/** A view shall be filled of which nobody has said what its columns are. */
export function noSchema(view: string, generation: number): SheetflowError {
  return new SheetflowError('store/unknown', `${view} is filled in generation ${generation}, which no schema message has announced`, {
    fix: 'The graph is asked to fill the view anew.',
    details: { view, generation },
  })
}

/** A change leaves cells as they are, of a row that is not there. */
export function baseMissing(view: string): SheetflowError {
  return new SheetflowError('source/base-missing', `a row of ${view} leaves cells unchanged, but the store does not hold it`, {
    fix: 'The view is asked for again and filled anew.',
    details: { view },
  })
}

/** The database has no room for a row of the view. `why` quotes nothing of the row. */
export function refused(view: string, why: string, cause: unknown): SheetflowError {
  return new SheetflowError('store/refused', `the store cannot keep a row of ${view}: ${why}`, {
    fix: 'Leave the column out of the sheet (`keep`) or make its values smaller, or name another store (`publish: {store: …}`). It is tried again when the view is filled anew: by that deployment, or at the next start.',
    details: { view },
    cause,
  })
}

/** The database has no table for the view. */
export function tooWide(view: string, columns: number, most: number): SheetflowError {
  return new SheetflowError('store/refused', `the store cannot keep ${view}: it needs ${columns} columns, a table has up to ${most}`, {
    fix: 'Leave columns out of the sheet (`keep`).',
    details: { view },
  })
}

/** A plan asks for a generation that is not the current one. */
export function notReady(view: string, generation: number, current: number | undefined): SheetflowError {
  return new SheetflowError('query/not-ready', `${view} is not there in generation ${generation}`, {
    retry: 'now',
    fix: current === undefined ? 'Ask again when the view has been filled.' : 'Ask again: the view has a new generation.',
    details: { view, generation, current: current ?? null },
  })
}

/** The store has a format that this program does not know. */
export function unknownFormat(format: number, known: number): SheetflowError {
  return new SheetflowError('core/unknown-format', `the store has format ${format}, this program knows ${known}`, {
    fix: 'Upgrade Sheetflow, or name another store: it is filled anew from the bus.',
  })
}
