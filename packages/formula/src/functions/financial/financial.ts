import type { FunctionDefinition } from '../definition.ts'
import { ACCRUED } from './accrued.ts'
import { ANNUITIES } from './annuities.ts'
import { BONDS } from './bonds.ts'
import { CASH_FLOWS } from './cash-flows.ts'
import { COUPONS } from './coupons.ts'
import { DEPRECIATION } from './depreciation.ts'
import { DISCOUNTS } from './discounts.ts'
import { ODD_BONDS } from './odd-bonds.ts'
import { RATES } from './rates.ts'
import { TREASURY_BILLS } from './treasury-bills.ts'

/** Excel's category Financial. */
export const FINANCIAL: readonly FunctionDefinition[] = [
  ...ANNUITIES,
  ...CASH_FLOWS,
  ...RATES,
  ...DEPRECIATION,
  ...BONDS,
  ...ODD_BONDS,
  ...COUPONS,
  ...DISCOUNTS,
  ...TREASURY_BILLS,
  ...ACCRUED,
]
