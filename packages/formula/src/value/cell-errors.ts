import { CellError, type CellErrorKind } from '@sheetflow/core/cell-error'

/** The errors that formulas make. `of` is null here: the column they arose in is filled in where the column's formula ends. */
export const DIV0: CellError = new CellError('#DIV/0!')
/** A value of the wrong kind. */
export const VALUE: CellError = new CellError('#VALUE!')
/** A number out of range. */
export const NUM: CellError = new CellError('#NUM!')
/** A place that does not exist. */
export const REF: CellError = new CellError('#REF!')
/** An array without cells. */
export const CALC: CellError = new CellError('#CALC!')
/** Nothing found. */
export const NA: CellError = new CellError('#N/A')

/** An asynchronous function has not answered yet. */
export const BUSY: CellError = new CellError('#BUSY!')

/** Names the column of errors that do not say where they arose; each kind is made once per column. */
export function errorNamer(column: string): (error: CellError) => CellError {
  const named = new Map<CellErrorKind, CellError>()
  return (error) => {
    if (error.of !== null) return error
    let known = named.get(error.kind)
    if (known === undefined) {
      known = new CellError(error.kind, column)
      named.set(error.kind, known)
    }
    return known
  }
}
