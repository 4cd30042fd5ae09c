import type { FunctionDefinition } from '../definition.ts'
import { BESSEL } from './bessel.ts'
import { BITS } from './bits.ts'
import { COMPLEX_NUMBERS } from './complex-numbers.ts'
import { CONVERT } from './convert.ts'
import { ERROR_FUNCTIONS } from './error-functions.ts'
import { NUMBER_SYSTEMS } from './number-systems.ts'
import { THRESHOLDS } from './thresholds.ts'

/** Excel's category Engineering. */
export const ENGINEERING: readonly FunctionDefinition[] = [
  ...BESSEL,
  ...NUMBER_SYSTEMS,
  ...BITS,
  ...COMPLEX_NUMBERS,
  CONVERT,
  ...ERROR_FUNCTIONS,
  ...THRESHOLDS,
]
