import { CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import type { ColumnType } from '@sheetflow/core/type'
import type { Value } from '@sheetflow/core/value'
import { ratio, toDouble } from '@sheetflow/formula/numeric/exact/ratio'

const DIV0 = new CellError('#DIV/0!')
const NUM = new CellError('#NUM!')
const MAX_DIGITS = 38

/** COUNT counts numbers; dates and times are numbers to Excel. */
export function isCountedType(type: ColumnType): boolean {
  switch (type.type) {
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'double':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return true
    case 'bool':
    case 'text':
    case 'bytes':
    case 'interval':
    case 'uuid':
    case 'json':
    case 'list':
      return false
  }
}

/** An exact sum in the column's type (FORMATS 1). */
export function sumInType(type: ColumnType, total: Decimal): Value {
  switch (type.type) {
    case 'int':
      return typeof total.units === 'number' ? total.units : NUM
    case 'bigint':
      return total.digits() <= MAX_DIGITS ? BigInt(total.units) : NUM
    case 'double': {
      const number = total.toNumber()
      return Number.isFinite(number) ? number : NUM
    }
    default:
      return total.digits() <= MAX_DIGITS ? total : NUM
  }
}

/** `#DIV/0!` without numbers. */
export function averageInType(type: ColumnType, total: Decimal, count: number): Value {
  if (count === 0) return DIV0
  if (type.type === 'double') return meanAsDouble(total, count)
  return total.div(Decimal.of(count, 0)) ?? NUM
}

/** The double division is as good where the sum is an ordinary double; at either end of them the exact one is still right. */
function meanAsDouble(total: Decimal, count: number): number {
  const mean = total.toNumber() / count
  if (mean === 0 ? total.isZero() : Math.abs(mean) >= SMALLEST_NORMAL && Math.abs(mean) < Infinity) return mean
  return toDouble(ratio(BigInt(total.units), BigInt(count), total.scale))
}

/** Below it doubles have fewer digits. */
const SMALLEST_NORMAL = 2 ** -1022

/** What Excel says of no numbers at all. */
export function zeroOfType(type: ColumnType): Value {
  switch (type.type) {
    case 'int':
    case 'double':
      return 0
    case 'bigint':
      return 0n
    case 'decimal':
      return Decimal.ZERO
    default:
      return null
  }
}
