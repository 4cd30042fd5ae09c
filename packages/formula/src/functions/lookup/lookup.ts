import type { FunctionDefinition } from '../definition.ts'
import { CHOOSE } from './choose.ts'
import { LOOKUPS } from './lookups.ts'
import { PARTS } from './parts.ts'
import { RESHAPING } from './reshaping.ts'
import { SORTING } from './sorting.ts'

/** Lookup & Reference over arrays. Those that have a form over tables (XLOOKUP, FILTER, ROWS) stand in tables.ts. */
export const LOOKUP: readonly FunctionDefinition[] = [CHOOSE, ...LOOKUPS, ...PARTS, ...SORTING, ...RESHAPING]
