import { SheetflowError } from '@sheetflow/core/errors'

/** A formula that reads itself: the binder refuses it, so this is met only by graphs made by hand. */
export function refuseCycle(view: string, column: string): never {
  throw new SheetflowError('formula/cycle', `${view}[${column}] depends on itself`, {
    fix: 'Break the circle: one of its formulas must not read the others.',
  })
}
