import type { CellError } from '@sheetflow/core/cell-error'
import { DIV0, NUM } from '../../value/cell-errors.ts'
import type { FunctionDefinition } from '../definition.ts'
import { toolpak } from '../toolpak.ts'
import { amount, financial, whole } from './define.ts'

const EFFECT = financial({
  name: 'EFFECT',
  help: 'The effective yearly rate of a nominal one that is compounded so many times a year.',
  params: [amount('nominal_rate'), whole('periods')],
  run: (rate: number, periods: number) => (rate <= 0 || periods < 1 ? null : Math.expm1(periods * Math.log1p(rate / periods))),
  examples: [
    { formula: '=ROUND(EFFECT(5.25%, 4), 7)', result: '0.0535427' },
    { formula: '=EFFECT(5%, [@blank])', result: '#NUM!' },
    { formula: '=EFFECT("a", 4)', result: '#VALUE!' },
  ],
})

const NOMINAL = financial({
  name: 'NOMINAL',
  help: 'The nominal yearly rate, compounded so many times a year, of an effective one.',
  params: [amount('effective_rate'), whole('periods')],
  run: (rate: number, periods: number) => (rate <= 0 || periods < 1 ? null : periods * Math.expm1(Math.log1p(rate) / periods)),
  examples: [
    { formula: '=ROUND(NOMINAL(5.3543%, 4), 8)', result: '0.05250032' },
    { formula: '=NOMINAL(5%, [@blank])', result: '#NUM!' },
    { formula: '=NOMINAL("a", 4)', result: '#VALUE!' },
  ],
})

const PDURATION = financial({
  name: 'PDURATION',
  help: 'How many periods an investment needs to reach a value.',
  params: [amount('rate'), amount('present_value'), amount('future_value')],
  run: (rate: number, present: number, future: number) =>
    rate <= 0 || present <= 0 || future <= 0 ? null : Math.log(future / present) / Math.log1p(rate),
  examples: [
    { formula: '=ROUND(PDURATION(2.5%, 2000, 2200), 5)', result: '3.85987' },
    { formula: '=PDURATION([@blank], 2000, 2200)', result: '#NUM!' },
    { formula: '=PDURATION("a", 2000, 2200)', result: '#VALUE!' },
  ],
})

const RRI = financial({
  name: 'RRI',
  help: 'The rate per period at which an investment grows to a value.',
  params: [amount('periods'), amount('present_value'), amount('future_value')],
  run: (periods: number, present: number, future: number) =>
    periods <= 0 || present === 0 ? null : Math.pow(future / present, 1 / periods) - 1,
  examples: [
    { formula: '=ROUND(RRI(96, 10000, 11000), 7)', result: '0.0009933' },
    { formula: '=RRI(2, 3, [@blank])', result: '-1' },
    { formula: '=RRI(0, 3, 4)', result: '#NUM!' },
  ],
})

/** The digits that a fraction's numerator takes behind the point: 16ths are two. */
function places(fraction: number): number {
  return Math.pow(10, Math.ceil(Math.log10(fraction)))
}

function dollar(price: number, fraction: number, change: (part: number) => number): number | CellError {
  if (fraction < 0) return NUM
  if (fraction === 0) return DIV0
  const units = Math.trunc(price)
  return units + change(price - units)
}

const DOLLARDE = financial({
  name: 'DOLLARDE',
  help: 'A price in fractions, such as 1.02 for 1 and 2/16, as a decimal number.',
  params: [amount('price'), whole('fraction')],
  run: (price: number, fraction: number) => dollar(price, fraction, (part) => (part * places(fraction)) / fraction),
  examples: [
    { formula: '=ROUND(DOLLARDE(1.02, 16), 9)', result: '1.125' },
    { formula: '=ROUND(DOLLARDE(1.1, 32), 9)', result: '1.3125' },
    { formula: '=DOLLARDE(1.1, [@blank])', result: '#DIV/0!' },
    { formula: '=DOLLARDE(1.1, -1)', result: '#NUM!' },
  ],
})

const DOLLARFR = financial({
  name: 'DOLLARFR',
  help: 'A price as a decimal number in fractions, such as 1.02 for 1 and 2/16.',
  params: [amount('price'), whole('fraction')],
  run: (price: number, fraction: number) => dollar(price, fraction, (part) => (part * fraction) / places(fraction)),
  examples: [
    { formula: '=ROUND(DOLLARFR(1.125, 16), 9)', result: '1.02' },
    { formula: '=ROUND(DOLLARFR(1.125, 32), 9)', result: '1.04' },
    { formula: '=DOLLARFR(1.1, [@blank])', result: '#DIV/0!' },
    { formula: '=DOLLARFR(1.1, -1)', result: '#NUM!' },
  ],
})

/** Rates in other forms, growth at one rate, and prices in fractions. */
export const RATES: readonly FunctionDefinition[] = [
  toolpak(EFFECT),
  toolpak(NOMINAL),
  PDURATION,
  RRI,
  toolpak(DOLLARDE),
  toolpak(DOLLARFR),
]
