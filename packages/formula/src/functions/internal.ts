import type { Timestamp } from '@sheetflow/core/value'
import { localTime, zonedTime } from '../value/zone.ts'
import type { FunctionDefinition } from './definition.ts'

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
    name: 'midnight',
    category: 'date',
    help: 'A day as the moment at which it begins.',
    params: [{ name: 'day', kind: 'value' }],
    result: ({ args }) => ({ type: { type: 'timestamp' }, nullable: args[0]?.nullable ?? true }),
    evaluation: {
      mode: 'strict',
      make: () => (day: number | null) => (day === null ? null : { days: day, micros: 0 }),
    },
    volatility: 'pure',
    examples: [],
  },
  {
    name: 'day_begun',
    category: 'date',
    help: 'The day that begins at a moment; Blank where none does.',
    params: [{ name: 'moment', kind: 'value' }],
    result: () => ({ type: { type: 'date' }, nullable: true }),
    evaluation: {
      mode: 'strict',
      make: () => (moment: Timestamp | null) => (moment === null || moment.micros !== 0 ? null : moment.days),
    },
    volatility: 'pure',
    examples: [],
  },
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
      { name: 'moment', kind: 'value' },
      { name: 'zone', kind: 'text' },
    ],
    result: ({ args }) => ({ type: { type: 'timestamptz' }, nullable: args[0]?.nullable ?? true }),
    evaluation: {
      mode: 'strict',
      make: () => (moment: Timestamp | number | null, zone: string) =>
        // Blank is no moment: it meets nothing, and is before and behind nothing.
        moment === null ? null : zonedTime(typeof moment === 'number' ? { days: moment, micros: 0 } : moment, zone),
    },
    volatility: 'pure',
    examples: [],
  },
]
