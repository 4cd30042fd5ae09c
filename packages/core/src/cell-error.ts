/** The kinds of cell errors, Excel's and ours (`#BUSY!`: a plug-in has not answered yet). */
export type CellErrorKind =
  | '#NULL!'
  | '#DIV/0!'
  | '#VALUE!'
  | '#REF!'
  | '#NAME?'
  | '#NUM!'
  | '#N/A'
  | '#CALC!'
  | '#SPILL!'
  | '#CIRC!'
  | '#BUSY!'

/** A cell error: a value, not an exception. `of` names the column in which it arose (`null` if unknown). Immutable. */
export class CellError {
  readonly kind: CellErrorKind
  readonly of: string | null

  constructor(kind: CellErrorKind, of: string | null = null) {
    this.kind = kind
    this.of = of
  }
}

/** Is this value a cell error? */
export function isCellError(value: unknown): value is CellError {
  return value instanceof CellError
}

/** Every kind. */
export const CELL_ERROR_KINDS: readonly CellErrorKind[] = [
  '#NULL!',
  '#DIV/0!',
  '#VALUE!',
  '#REF!',
  '#NAME?',
  '#NUM!',
  '#N/A',
  '#CALC!',
  '#SPILL!',
  '#CIRC!',
  '#BUSY!',
]

const KINDS: ReadonlySet<string> = new Set(CELL_ERROR_KINDS)

/** Is it the name of a kind? For what comes from outside. */
export function isCellErrorKind(text: string): text is CellErrorKind {
  return KINDS.has(text)
}
