import { DATES } from './days-and-times.ts'
import type { FunctionDefinition } from '../definition.ts'
import { CLOCK } from './clock.ts'
import { MONTHS } from './months.ts'
import { WEEKS } from './weeks.ts'
import { WORKDAYS } from './workdays.ts'

/** Excel's category Date & Time. */
export const CALENDAR: readonly FunctionDefinition[] = [...DATES, ...CLOCK, ...MONTHS, ...WEEKS, ...WORKDAYS]
