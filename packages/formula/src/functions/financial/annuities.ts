import type { CellError } from '@sheetflow/core/cell-error'
import { annuityRate, futureValue, interest, interestBetween, payment, periods, presentValue } from '../../numeric/annuity.ts'
import { DIV0 } from '../../value/cell-errors.ts'
import type { FunctionDefinition } from '../definition.ts'
import { toolpak } from '../toolpak.ts'
import { amount, financial, optional } from './define.ts'

const FUTURE = optional(amount('future_value'), 0)
/** 0: at the end of periods; anything else: at their beginning. */
const TYPE = optional(amount('type'), 0)

/** What a negative number of periods divides by, where nothing is left at -100%. */
function dividesByZero(rate: number, count: number): boolean {
  return rate === -1 && count < 0
}

const FV = financial({
  name: 'FV',
  help: 'The future value of level payments, and of what there is already.',
  params: [amount('rate'), amount('periods'), amount('payment'), optional(amount('present_value'), 0), TYPE],
  run: (rate: number, count: number, pay: number, present: number, type: number): number | CellError =>
    dividesByZero(rate, count) ? DIV0 : futureValue(rate, count, pay, present, type !== 0),
  examples: [
    { formula: '=ROUND(FV(6%/12, 10, -200, -500, 1), 2)', result: '2581.4' },
    { formula: '=FV(1, 3, 100)', result: '-700' },
    { formula: '=FV([@blank], 3, -100)', result: '300' },
    { formula: '=FV(-1, -2, 1)', result: '#DIV/0!' },
  ],
})

const PV = financial({
  name: 'PV',
  help: 'The present value of level payments, and of what is left at the end.',
  params: [amount('rate'), amount('periods'), amount('payment'), FUTURE, TYPE],
  run: (rate: number, count: number, pay: number, future: number, type: number): number | CellError =>
    rate === -1 && count > 0 ? DIV0 : presentValue(rate, count, pay, future, type !== 0),
  examples: [
    { formula: '=ROUND(PV(8%/12, 20*12, 500), 2)', result: '-59777.15' },
    { formula: '=PV(1, 2, 0, 100)', result: '-25' },
    { formula: '=PV([@blank], 3, -100)', result: '300' },
    { formula: '=PV(-1, 2, 1)', result: '#DIV/0!' },
  ],
})

const PMT = financial({
  name: 'PMT',
  help: 'The level payment that pays back a loan, or saves an amount.',
  params: [amount('rate'), amount('periods'), amount('present_value'), FUTURE, TYPE],
  run: (rate: number, count: number, present: number, future: number, type: number) => payment(rate, count, present, future, type !== 0),
  examples: [
    { formula: '=ROUND(PMT(8%/12, 10, 10000), 2)', result: '-1037.03' },
    { formula: '=ROUND(PMT(6%/12, 18*12, 0, 50000), 2)', result: '-129.08' },
    { formula: '=PMT([@blank], 10, 1000)', result: '-100' },
    { formula: '=PMT(5%, 0, 1000)', result: '#NUM!' },
  ],
})

const NPER = financial({
  name: 'NPER',
  help: 'How many level payments pay back a loan, or save an amount.',
  params: [amount('rate'), amount('payment'), amount('present_value'), FUTURE, TYPE],
  run: (rate: number, pay: number, present: number, future: number, type: number) => periods(rate, pay, present, future, type !== 0),
  examples: [
    { formula: '=ROUND(NPER(12%/12, -100, -1000, 10000, 1), 5)', result: '59.67387' },
    { formula: '=NPER([@blank], -100, 1000)', result: '10' },
    { formula: '=NPER(10%, -100, 1000)', result: '#NUM!' },
  ],
})

const RATE = financial({
  name: 'RATE',
  help: 'The rate per period at which level payments pay back a loan, near a guess.',
  params: [amount('periods'), amount('payment'), amount('present_value'), FUTURE, TYPE, optional(amount('guess'), 0.1)],
  run: (count: number, pay: number, present: number, future: number, type: number, guess: number) =>
    count > 0 ? annuityRate(count, pay, present, future, type !== 0, guess) : null,
  examples: [
    { formula: '=ROUND(RATE(48, -200, 8000), 7)', result: '0.0077015' },
    { formula: '=ROUND(RATE(1, [@blank], -100, 110), 9)', result: '0.1' },
    { formula: '=RATE(10, 100, 1000)', result: '#NUM!' },
  ],
})

/** Periods are counted from 1. */
function isPeriod(period: number, count: number): boolean {
  return period >= 1 && period <= count
}

const IPMT = financial({
  name: 'IPMT',
  help: 'The interest in one of the level payments of a loan.',
  params: [amount('rate'), amount('period'), amount('periods'), amount('present_value'), FUTURE, TYPE],
  run: (rate: number, period: number, count: number, present: number, future: number, type: number) =>
    isPeriod(period, count) ? interest(rate, period, count, present, future, type !== 0) : null,
  examples: [
    { formula: '=ROUND(IPMT(10%/12, 1, 36, 8000), 2)', result: '-66.67' },
    { formula: '=ROUND(IPMT(10%, 3, 3, 8000), 2)', result: '-292.45' },
    { formula: '=IPMT([@blank], 1, 3, 8000)', result: '0' },
    { formula: '=IPMT(10%, 4, 3, 8000)', result: '#NUM!' },
  ],
})

const PPMT = financial({
  name: 'PPMT',
  help: 'What one of the level payments of a loan pays back.',
  params: [amount('rate'), amount('period'), amount('periods'), amount('present_value'), FUTURE, TYPE],
  run: (rate: number, period: number, count: number, present: number, future: number, type: number) =>
    isPeriod(period, count)
      ? payment(rate, count, present, future, type !== 0) - interest(rate, period, count, present, future, type !== 0)
      : null,
  examples: [
    { formula: '=ROUND(PPMT(10%/12, 1, 24, 2000), 2)', result: '-75.62' },
    { formula: '=ROUND(PPMT(8%, 10, 10, 200000), 2)', result: '-27598.05' },
    { formula: '=PPMT([@blank], 1, 4, 8000)', result: '-2000' },
    { formula: '=PPMT(10%, 0, 3, 8000)', result: '#NUM!' },
  ],
})

/** The periods that lie between two, both included; null where Excel refuses the arguments. */
function span(rate: number, count: number, present: number, start: number, end: number, type: number): readonly [number, number] | null {
  if (rate <= 0 || count <= 0 || present <= 0 || start < 1 || end < start || end > count || (type !== 0 && type !== 1)) return null
  return [Math.ceil(start), Math.floor(end)]
}

const SPAN = [
  amount('rate'),
  amount('periods'),
  amount('present_value'),
  amount('start_period'),
  amount('end_period'),
  amount('type'),
] as const

const CUMIPMT = financial({
  name: 'CUMIPMT',
  help: 'The interest in the level payments of a loan from one period to another.',
  params: SPAN,
  run: (rate: number, count: number, present: number, start: number, end: number, type: number) => {
    const between = span(rate, count, present, start, end, type)
    return between === null ? null : interestBetween(rate, count, present, between[0], between[1], type === 1)
  },
  examples: [
    { formula: '=ROUND(CUMIPMT(9%/12, 360, 125000, 13, 24, 0), 2)', result: '-11135.23' },
    { formula: '=ROUND(CUMIPMT(9%/12, 360, 125000, 1, 1, [@blank]), 2)', result: '-937.5' },
    { formula: '=CUMIPMT(0, 360, 125000, 1, 1, 0)', result: '#NUM!' },
  ],
})

const CUMPRINC = financial({
  name: 'CUMPRINC',
  help: 'What the level payments of a loan pay back from one period to another.',
  params: SPAN,
  run: (rate: number, count: number, present: number, start: number, end: number, type: number) => {
    const between = span(rate, count, present, start, end, type)
    if (between === null) return null
    const [from, to] = between
    const paid = from > to ? 0 : payment(rate, count, present, 0, type === 1) * (to - from + 1)
    return paid - interestBetween(rate, count, present, from, to, type === 1)
  },
  examples: [
    { formula: '=ROUND(CUMPRINC(9%/12, 360, 125000, 13, 24, 0), 4)', result: '-934.1071' },
    { formula: '=ROUND(CUMPRINC(9%/12, 360, 125000, 1, 1, [@blank]), 6)', result: '-68.278271' },
    { formula: '=CUMPRINC(9%/12, 360, 125000, 2, 1, 0)', result: '#NUM!' },
  ],
})

const ISPMT = financial({
  name: 'ISPMT',
  help: 'The interest of a period, counted from 0, of a loan that is paid back in equal parts.',
  params: [amount('rate'), amount('period'), amount('periods'), amount('present_value')],
  run: (rate: number, period: number, count: number, present: number): number | CellError =>
    count === 0 ? DIV0 : present * rate * (period / count - 1),
  examples: [
    { formula: '=ROUND(ISPMT(10%/12, 1, 36, 8000000), 2)', result: '-64814.81' },
    { formula: '=ISPMT(10%, [@blank], 4, 4000)', result: '-400' },
    { formula: '=ISPMT(10%, 1, 0, 4000)', result: '#DIV/0!' },
  ],
})

/** Loans and savings with level payments. */
export const ANNUITIES: readonly FunctionDefinition[] = [FV, PV, PMT, NPER, RATE, IPMT, PPMT, toolpak(CUMIPMT), toolpak(CUMPRINC), ISPMT]
