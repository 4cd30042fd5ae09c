import { serialFromDays } from '@sheetflow/core/calendar'
import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import { modifiedRate, netPresentValue, presentValueOf, rateOfReturn, type CashFlow } from '../../numeric/cash-flows.ts'
import { DIV0, NUM, VALUE } from '../../value/cell-errors.ts'
import type { FunctionDefinition, Parameter } from '../definition.ts'
import { toolpak } from '../toolpak.ts'
import { amount, financial, optional } from './define.ts'

const AMOUNTS: Parameter = { name: 'values', kind: 'reals' }
const GUESS = optional(amount('guess'), 0.1)
const DATED: readonly Parameter[] = [
  { name: 'values', kind: 'values' },
  { name: 'dates', kind: 'values' },
]

const NPV = financial({
  name: 'NPV',
  help: 'The present value of payments at the ends of periods.',
  params: [amount('rate'), { name: 'value', kind: 'reals' }],
  repeat: 1,
  run: (rate: number, amounts: readonly number[]): number | CellError => (rate === -1 ? DIV0 : netPresentValue(amounts, rate)),
  examples: [
    { formula: '=ROUND(NPV(10%, -10000, 3000, 4200, 6800), 2)', result: '1188.44' },
    { formula: '=NPV([@blank], {1,2,3}, 4)', result: '10' },
    { formula: '=NPV(-1, 100)', result: '#DIV/0!' },
  ],
})

/** Payments one period apart, the first at once. */
function regular(amounts: readonly number[]): readonly CashFlow[] {
  return amounts.map((one, index) => ({ amount: one, after: index }))
}

const IRR = financial({
  name: 'IRR',
  help: 'The rate per period at which payments are worth nothing together, near a guess.',
  params: [AMOUNTS, GUESS],
  run: (amounts: readonly number[], guess: number): number | CellError | null =>
    guess <= -1 ? VALUE : rateOfReturn(regular(amounts), guess),
  examples: [
    { formula: '=ROUND(IRR({-70000,12000,15000,18000,21000,26000}), 6)', result: '0.086631' },
    { formula: '=ROUND(IRR({-2,5}), 9)', result: '1.5' },
    { formula: '=ROUND(IRR({-4,5}, [@blank]), 9)', result: '0.25' },
    { formula: '=IRR({1,2})', result: '#NUM!' },
  ],
})

const MIRR = financial({
  name: 'MIRR',
  help: 'The rate of return where what is paid costs one rate and what comes in earns another.',
  params: [AMOUNTS, amount('finance_rate'), amount('reinvest_rate')],
  run: (amounts: readonly number[], finance: number, reinvest: number): number | CellError =>
    amounts.some((one) => one < 0) && amounts.length > 1 ? modifiedRate(amounts, finance, reinvest) : DIV0,
  examples: [
    { formula: '=ROUND(MIRR({-120000,39000,30000,21000,37000,46000}, 10%, 12%), 6)', result: '0.126094' },
    { formula: '=ROUND(MIRR({-100,110}, [@blank], 0), 9)', result: '0.1' },
    { formula: '=MIRR({1,2}, 10%, 12%)', result: '#DIV/0!' },
  ],
})

/** The numbers of a list; null stands where a text or boolean is. Blank is left out, and the first error is the result. */
function numbersOf(values: readonly Value[]): readonly (number | null)[] | CellError {
  const found: (number | null)[] = []
  for (const value of values) {
    if (isCellError(value)) return value
    if (value !== null) found.push(isNumber(value) ? toDecimal(value).toNumber() : null)
  }
  return found
}

function areNumbers(list: readonly (number | null)[]): list is readonly number[] {
  return !list.includes(null)
}

/** The last serial number, 31 December 9999. */
const LAST_SERIAL = serialFromDays(2_932_896)

/** Payments by their days: years of 365 days after the first. */
function dated(amounts: readonly number[], days: readonly number[]): readonly CashFlow[] | null {
  const serials = days.map(Math.floor)
  const [first] = serials
  if (first === undefined || amounts.length !== serials.length) return null
  if (serials.some((one) => one < 0 || one < first || one > LAST_SERIAL)) return null
  return amounts.map((one, index) => ({ amount: one, after: ((serials[index] ?? first) - first) / 365 }))
}

const XNPV = financial({
  name: 'XNPV',
  help: 'The present value of payments on given days.',
  params: [amount('rate'), ...DATED],
  run: (rate: number, values: readonly Value[], dates: readonly Value[]): number | CellError => {
    const [amounts, days] = [numbersOf(values), numbersOf(dates)]
    if (isCellError(amounts)) return amounts
    if (isCellError(days)) return days
    if (!areNumbers(amounts) || !areNumbers(days)) return NUM
    const flows = dated(amounts, days)
    return flows === null || rate <= -1 ? NUM : presentValueOf(flows, rate).value
  },
  examples: [
    { formula: '=ROUND(XNPV(9%, {-10000,2750,4250,3250,2750}, {39448,39508,39751,39859,39904}), 2)', result: '2086.65' },
    { formula: '=XNPV([@blank], {-10,12}, {1,366})', result: '2' },
    { formula: '=XNPV(9%, {-10,12}, {366,1})', result: '#NUM!' },
  ],
})

const XIRR = financial({
  name: 'XIRR',
  help: 'The yearly rate at which payments on given days are worth nothing together, near a guess.',
  params: [...DATED, GUESS],
  run: (values: readonly Value[], dates: readonly Value[], guess: number): number | CellError | null => {
    const [amounts, days] = [numbersOf(values), numbersOf(dates)]
    if (isCellError(amounts)) return amounts
    if (isCellError(days)) return days
    if (!areNumbers(amounts) || !areNumbers(days)) return VALUE
    const flows = dated(amounts, days)
    return flows === null ? null : rateOfReturn(flows, guess)
  },
  examples: [
    { formula: '=ROUND(XIRR({-10000,2750,4250,3250,2750}, {39448,39508,39751,39859,39904}, 0.1), 6)', result: '0.373363' },
    { formula: '=ROUND(XIRR({-10,12}, {1,366}, [@blank]), 9)', result: '0.2' },
    { formula: '=XIRR({10,12}, {1,366})', result: '#NUM!' },
  ],
})

const FVSCHEDULE = financial({
  name: 'FVSCHEDULE',
  help: 'The future value of an amount after periods with different rates.',
  params: [amount('principal'), { name: 'rates', kind: 'values' }],
  run: (principal: number, values: readonly Value[]): number | CellError => {
    const rates = numbersOf(values)
    if (isCellError(rates)) return rates
    return areNumbers(rates) ? rates.reduce((sum, rate) => sum * (1 + rate), principal) : VALUE
  },
  examples: [
    { formula: '=ROUND(FVSCHEDULE(1, {0.09,0.11,0.1}), 5)', result: '1.33089' },
    { formula: '=FVSCHEDULE([@blank], {0.5})', result: '0' },
    { formula: '=FVSCHEDULE(1, {"a"})', result: '#VALUE!' },
  ],
})

/** Payments of different amounts. */
export const CASH_FLOWS: readonly FunctionDefinition[] = [NPV, IRR, MIRR, toolpak(XNPV), toolpak(XIRR), toolpak(FVSCHEDULE)]
