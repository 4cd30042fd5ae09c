import type { FunctionDefinition } from '../definition.ts'
import { BETA_FAMILY } from './beta.ts'
import { DISCRETE } from './discrete.ts'
import { FREQUENCIES } from './frequency.ts'
import { GAMMAS } from './gamma.ts'
import { HYPOTHESES } from './hypothesis.ts'
import { MOMENTS } from './moments.ts'
import { NORMAL } from './normal.ts'
import { PAIRS } from './pairs.ts'
import { RANKS } from './ranks.ts'
import { ESTIMATES } from './regression.ts'
import { SPREADS } from './spread.ts'
import { TOTALS } from './totals.ts'
import { TRENDS } from './trend.ts'
import { WITH_TEXT } from './with-text.ts'

/** Excel's category Statistical, but for what goes by criteria (tables.ts). */
export const STATISTICAL: readonly FunctionDefinition[] = [
  ...TOTALS,
  ...SPREADS,
  ...RANKS,
  ...WITH_TEXT,
  ...MOMENTS,
  ...FREQUENCIES,
  ...PAIRS,
  ...ESTIMATES,
  ...TRENDS,
  ...NORMAL,
  ...GAMMAS,
  ...BETA_FAMILY,
  ...DISCRETE,
  ...HYPOTHESES,
]
