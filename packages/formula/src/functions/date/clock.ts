import { momentFromText } from '../../value/number-text.ts'
import { NUM, VALUE } from '../../value/cell-errors.ts'
import type { FunctionDefinition } from '../definition.ts'
import { always } from '../results.ts'

const DAY_SECONDS = 86_400
/** Greater parts of a time Excel refuses. */
const PART_LIMIT = 32_767

const TIME: FunctionDefinition = {
  name: 'TIME',
  category: 'date',
  help: 'The time of an hour, minute and second; what is beyond its range carries over, and whole days fall away.',
  params: [
    { name: 'hour', kind: 'integer' },
    { name: 'minute', kind: 'integer' },
    { name: 'second', kind: 'integer' },
  ],
  result: always('time'),
  evaluation: {
    mode: 'strict',
    make: () => (hour: number, minute: number, second: number) => {
      const seconds = hour * 3600 + minute * 60 + second
      if (Math.max(hour, minute, second) > PART_LIMIT || seconds < 0) return NUM
      return (seconds % DAY_SECONDS) * 1_000_000
    },
  },
  volatility: 'pure',
  examples: [
    { formula: '=TEXT(TIME(16, 48, 10), "hh:mm:ss")', result: '"16:48:10"' },
    { formula: '=TIME(27, 0, 0)', result: 'TIME(3,0,0)' },
    { formula: '=TIME(0, 750, [@blank])', result: 'TIME(12,30,0)' },
    { formula: '=TIME(-1, 0, 0)', result: '#NUM!' },
  ],
}

const TIMEVALUE: FunctionDefinition = {
  name: 'TIMEVALUE',
  category: 'date',
  help: 'The time that a text says.',
  params: [{ name: 'text', kind: 'text' }],
  result: always('time'),
  evaluation: { mode: 'strict', make: () => (text: string) => momentFromText(text)?.micros ?? VALUE },
  volatility: 'pure',
  examples: [
    { formula: '=TIMEVALUE("2:24 AM")', result: 'TIME(2,24,0)' },
    { formula: '=TIMEVALUE("22-Aug-2011 6:35 AM")', result: 'TIME(6,35,0)' },
    { formula: '=TIMEVALUE([@blank])', result: '#VALUE!' },
  ],
}

const DATEVALUE: FunctionDefinition = {
  name: 'DATEVALUE',
  category: 'date',
  help: 'The date that a text says, in the forms of en-US and ISO 8601.',
  params: [{ name: 'text', kind: 'text' }],
  result: always('date'),
  evaluation: {
    mode: 'strict',
    make: () => (text: string) => momentFromText(text)?.days ?? VALUE,
  },
  volatility: 'pure',
  examples: [
    { formula: '=DATEVALUE("8/22/2011")', result: 'DATE(2011,8,22)' },
    { formula: '=DATEVALUE("22-MAY-2011")', result: 'DATE(2011,5,22)' },
    { formula: '=DATEVALUE("2011/02/23")', result: 'DATE(2011,2,23)' },
    { formula: '=DATEVALUE([@blank])', result: '#VALUE!' },
  ],
}

/** Times, and texts that say dates and times. */
export const CLOCK: readonly FunctionDefinition[] = [TIME, TIMEVALUE, DATEVALUE]
