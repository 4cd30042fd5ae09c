import { dimension } from './cases/dimension.ts'
import { extremes } from './cases/extremes.ts'
import { groups } from './cases/groups.ts'
import { messages } from './cases/messages.ts'
import { reference, spreadsheet } from './cases/reference.ts'
import { top } from './cases/top.ts'
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
}

export const CASE_NAMES: readonly string[] = Object.keys(CASES)

/** The cases of a selector at that scale. */
export function casesNamed(selector: string, scale: Scale): readonly EngineCase[] {
  return CASES[selector]?.(scale) ?? []
}
