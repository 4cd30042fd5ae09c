import { Decimal } from '@sheetflow/core/decimal'
import type { AnyNumber } from '@sheetflow/core/number'
import type { CellError } from '@sheetflow/core/cell-error'
import { bigint, double } from './arithmetic.ts'
import { NUM } from './cell-errors.ts'
import type { Lane } from './lane.ts'

/** A decimal back in the form of its lane (whole lanes: cut off); what does not fit there is `#NUM!`. */
export function inLane(value: Decimal, lane: Lane): AnyNumber | CellError {
  switch (lane) {
    case 'decimal':
      // A small number of units and places has few digits.
      return (typeof value.units === 'number' && value.scale <= 22) || value.digits() <= 38 ? value : NUM
    case 'double':
      return double(value.toNumber())
    case 'int':
    case 'bigint': {
      const units = value.rescale(0, 'truncate').units
      return lane === 'bigint' ? bigint(BigInt(units)) : typeof units === 'number' ? units : NUM
    }
  }
}

/** A small whole number in the form of a lane. */
export function wholeInLane(number: number, lane: Lane): AnyNumber {
  return lane === 'bigint' ? BigInt(number) : lane === 'decimal' ? Decimal.of(number, 0) : number
}
