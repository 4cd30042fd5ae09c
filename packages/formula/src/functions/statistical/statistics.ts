import type { FunctionDefinition } from '../definition.ts'
import { BETA_FAMILY } from './beta.ts'
import { DISCRETE } from './discrete.ts'
import { GAMMAS } from './gamma.ts'
import { NORMAL } from './normal.ts'

/** Excel's category Statistical, but for sums, counts and extremes (statistical.ts) and what goes by criteria (tables.ts). */
export const STATISTICS: readonly FunctionDefinition[] = [...NORMAL, ...GAMMAS, ...BETA_FAMILY, ...DISCRETE]
