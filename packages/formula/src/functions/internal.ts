import type { Timestamp, Value } from '@sheetflow/core/value'
import { zonedCriterion } from '../criteria.ts'
import { besideCells } from '../value/calendar-form.ts'
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
      make: () => (value: Value) => {
        if (typeof value !== 'object' || value === null || !('micros' in value)) return value
        return value.micros === 0 ? value.days : null
      },
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
  {
    name: 'zoned_text',
    category: 'date',
    help: 'A criterion that is a day or time of a zone, with the moment in UTC instead; any other text as it is.',
    params: [
      { name: 'text', kind: 'value' },
      { name: 'zone', kind: 'text' },
    ],
    result: ({ args }) => ({ type: { type: 'text' }, nullable: args[0]?.nullable ?? true }),
    evaluation: {
      mode: 'strict',
      make: () => (text: string | null, zone: string) => (text === null ? null : zonedCriterion(text, zone)),
    },
    volatility: 'pure',
    examples: [],
  },
  beside('moment_beside', 'timestamp', 'What moments and days are compared with: of a number the moment of which it is the serial number.'),
  beside('time_beside', 'time', 'What times are compared with: of a number so much of a day, of a moment what its serial number is.'),
  beside('serial_beside', 'decimal', 'What numbers are compared with: the serial number of a day, moment or time.'),
]

/** What is compared with cells of that type (value/calendar-form.ts). */
function beside(name: string, type: 'timestamp' | 'time' | 'decimal', help: string): FunctionDefinition {
  return {
    name,
    category: 'date',
    help,
    params: [{ name: 'value', kind: 'value' }],
    result: ({ args }) => ({ type: { type }, nullable: args[0]?.nullable ?? true }),
    evaluation: {
      mode: 'strict',
      make: ({ args }) => {
        const form = besideCells(args[0]?.type ?? null, { type })
        return (value: Value) => form?.(value) ?? value
      },
    },
    volatility: 'pure',
    examples: [],
  }
}
