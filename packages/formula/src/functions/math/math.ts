import type { FunctionDefinition } from '../definition.ts'
import { ARITHMETIC } from './arithmetic.ts'
import { COMBINATORICS } from './combinatorics.ts'
import { EXPONENTIALS } from './exponentials.ts'
import { HYPERBOLIC } from './hyperbolic.ts'
import { INTEGERS } from './integers.ts'
import { MATRICES } from './matrices.ts'
import { MULTIPLES } from './multiples.ts'
import { NUMERALS } from './numerals.ts'
import { SEQUENCE } from './sequence.ts'
import { SUBTOTALS } from './subtotal.ts'
import { SUMS } from './sums.ts'
import { TRIGONOMETRY } from './trigonometry.ts'

/** Excel's category Math & Trigonometry. */
export const MATH: readonly FunctionDefinition[] = [
  ...ARITHMETIC,
  ...SUMS,
  ...SUBTOTALS,
  ...INTEGERS,
  ...MULTIPLES,
  ...EXPONENTIALS,
  ...TRIGONOMETRY,
  ...HYPERBOLIC,
  ...COMBINATORICS,
  ...NUMERALS,
  ...MATRICES,
  SEQUENCE,
]
