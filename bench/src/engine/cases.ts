import { bounds } from './cases/bounds.ts'
import { chain } from './cases/chain.ts'
import { compile } from './cases/compile.ts'
import { decimals } from './cases/decimals.ts'
import { dimension } from './cases/dimension.ts'
import { extremes } from './cases/extremes.ts'
import { groups } from './cases/groups.ts'
import { growth } from './cases/growth.ts'
import { messages } from './cases/messages.ts'
import { reference, spreadsheet } from './cases/reference.ts'
import { restore } from './cases/restore.ts'
import { top } from './cases/top.ts'
import { wide } from './cases/wide.ts'
import type { EngineCase, Scale } from './engine-case.ts'

/** By the word that selects them (`--cases`), in the order in which they run. */
const CASES: Readonly<Record<string, (scale: Scale) => readonly EngineCase[]>> = {
  reference,
  messages,
  spreadsheet,
  dimension,
  groups,
  extremes,
  top,
  chain,
  wide,
  bounds,
  restore,
  decimals,
  compile,
  growth,
}

export const CASE_NAMES: readonly string[] = Object.keys(CASES)

/** The cases of a selector at that scale. */
export function casesNamed(selector: string, scale: Scale): readonly EngineCase[] {
  return CASES[selector]?.(scale) ?? []
}
