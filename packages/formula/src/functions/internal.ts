import type { Timestamp } from '@sheetflow/core/value'
import { localTime, zonedTime } from '../value/zone.ts'
import type { FunctionDefinition } from './definition.ts'
import { always } from './results.ts'

const MOMENT_IN_ZONE = [
  { name: 'moment', kind: 'value' },
  { name: 'zone', kind: 'text' },
] as const

/**
 * Conversions that the binder puts in where a moment in UTC is used as a day and time: the zone of the workbook is part of the tree, so that
 * nothing else has to know it. Their names cannot be written in a formula.
 */
export const INTERNAL: readonly FunctionDefinition[] = [
  {
    name: 'local',
    category: 'date',
    help: 'The clock and calendar of a zone at a moment in UTC.',
    params: MOMENT_IN_ZONE,
    result: ({ args }) => ({ type: { type: 'timestamp' }, nullable: args[0]?.nullable ?? true }),
    evaluation: {
      mode: 'strict',
      make: () => (moment: Timestamp | null, zone: string) => (moment === null ? null : localTime(moment, zone)),
    },
    volatility: 'pure',
    examples: [],
  },
  {
    name: 'zoned',
    category: 'date',
    help: 'The moment in UTC at which a clock and calendar in a zone show this.',
    params: [
      { name: 'moment', kind: 'moment' },
      { name: 'zone', kind: 'text' },
    ],
    result: always('timestamptz'),
    evaluation: { mode: 'strict', make: () => (moment: Timestamp, zone: string) => zonedTime(moment, zone) },
    volatility: 'pure',
    examples: [],
  },
]
