import { Decimal } from '@sheetflow/core/decimal'
import { generalNumber } from '../value/general-text.ts'

/** Characters that General has room for, the sign apart. */
const WIDTH = 11
/** Digits of the mantissa where it writes powers of ten. */
const MANTISSA = 6
/** Smaller numbers are rounded to few digits by decimals. */
const SMALL = Decimal.of(1, 4)

/**
 * `value` ≥ 0 in Excel's format General: as many decimals as fit into eleven characters, powers of ten from 1E+11 up and where too little would be left of a
 * small number.
 */
export function formatGeneral(value: Decimal): string {
  const normal = value.normalize()
  const whole = normal.rescale(0, 'truncate').toString()
  const decimals = whole.length >= WIDTH - 1 ? 0 : WIDTH - 1 - whole.length
  if (whole.length <= WIDTH && (normal.scale <= decimals || normal.cmp(SMALL) >= 0)) {
    const rounded = normal.round(decimals, 'half-away').normalize()
    if (rounded.rescale(0, 'truncate').toString().length <= WIDTH) return generalNumber(rounded)
  }
  const [mantissa = '', exponent = '0'] = normal.significant(MANTISSA).toNumber().toExponential().split('e')
  return `${mantissa}E${exponent.startsWith('-') ? '-' : '+'}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`
}
