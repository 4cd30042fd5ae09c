import type { CellErrorKind } from '@sheetflow/core/cell-error'

/** All cell errors that can be written as a literal. */
export const ERROR_KINDS: readonly CellErrorKind[] = [
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
