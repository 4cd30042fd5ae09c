import type { Timestamp } from '@sheetflow/core/value'
import { durationOf, priceOf, yieldOf, type Bond } from '../../numeric/bonds.ts'
import type { FunctionDefinition } from '../definition.ts'
import { toolpak } from '../toolpak.ts'
import { amount, BASIS, day, financial, whole } from './define.ts'
import { couponTermOf } from './security.ts'

const FREQUENCY = whole('frequency')

/** The bond, or null where Excel refuses the arguments. */
function bondOf(
  settlement: Timestamp,
  maturity: Timestamp,
  rate: number,
  redemption: number,
  frequency: number,
  basis: number,
): Bond | null {
  const term = couponTermOf(settlement, maturity, frequency, basis)
  return term === null || rate < 0 || redemption <= 0 ? null : { ...term, rate, redemption }
}

const PRICE = financial({
  name: 'PRICE',
  help: 'The price per 100 of a security that pays interest periodically.',
  params: [day('settlement'), day('maturity'), amount('rate'), amount('yield'), amount('redemption'), FREQUENCY, BASIS],
  run: (settlement: Timestamp, maturity: Timestamp, rate: number, annual: number, redemption: number, frequency: number, basis: number) => {
    const bond = bondOf(settlement, maturity, rate, redemption, frequency, basis)
    return bond === null || annual < 0 ? null : priceOf(bond, annual)
  },
  examples: [
    { formula: '=ROUND(PRICE("2008-02-15", "2017-11-15", 5.75%, 6.5%, 100, 2, 0), 8)', result: '94.63436162' },
    { formula: '=PRICE("2026-01-01", "2028-01-01", 5%, [@blank], 100, 1)', result: '110' },
    { formula: '=PRICE("2026-01-01", "2025-01-01", 5%, 5%, 100, 1)', result: '#NUM!' },
  ],
})

const YIELD = financial({
  name: 'YIELD',
  help: 'The yield of a security that pays interest periodically.',
  params: [day('settlement'), day('maturity'), amount('rate'), amount('price'), amount('redemption'), FREQUENCY, BASIS],
  run: (settlement: Timestamp, maturity: Timestamp, rate: number, price: number, redemption: number, frequency: number, basis: number) => {
    const bond = bondOf(settlement, maturity, rate, redemption, frequency, basis)
    return bond === null || price <= 0 ? null : yieldOf(bond, price)
  },
  examples: [
    { formula: '=ROUND(YIELD("2008-02-15", "2016-11-15", 5.75%, 95.04287, 100, 2, 0), 7)', result: '0.065' },
    { formula: '=ROUND(YIELD("2026-01-01", "2028-01-01", [@blank], 64, 100, 1), 9)', result: '0.25' },
    { formula: '=YIELD("2026-01-01", "2028-01-01", 5%, 0, 100, 1)', result: '#NUM!' },
  ],
})

const DURATION_PARAMS = [day('settlement'), day('maturity'), amount('coupon'), amount('yield'), FREQUENCY, BASIS] as const

/** The duration in years, or null where Excel refuses the arguments. */
function duration(
  settlement: Timestamp,
  maturity: Timestamp,
  coupon: number,
  annual: number,
  frequency: number,
  basis: number,
): number | null {
  const bond = bondOf(settlement, maturity, coupon, 100, frequency, basis)
  return bond === null || annual < 0 ? null : durationOf(bond, annual)
}

const DURATION = financial({
  name: 'DURATION',
  help: 'The Macaulay duration of a security of 100 that pays interest periodically, in years.',
  params: DURATION_PARAMS,
  run: duration,
  examples: [
    { formula: '=ROUND(DURATION("2008-01-01", "2016-01-01", 8%, 9%, 2, 1), 8)', result: '5.99377496' },
    { formula: '=DURATION("2026-01-01", "2028-01-01", [@blank], 9%, 1)', result: '2' },
    { formula: '=DURATION("2026-01-01", "2028-01-01", -1%, 9%, 1)', result: '#NUM!' },
  ],
})

const MDURATION = financial({
  name: 'MDURATION',
  help: 'The modified duration of a security of 100 that pays interest periodically.',
  params: DURATION_PARAMS,
  run: (settlement: Timestamp, maturity: Timestamp, coupon: number, annual: number, frequency: number, basis: number) => {
    const years = duration(settlement, maturity, coupon, annual, frequency, basis)
    return years === null ? null : years / (1 + annual / frequency)
  },
  examples: [
    { formula: '=ROUND(MDURATION("2008-01-01", "2016-01-01", 8%, 9%, 2, 1), 5)', result: '5.73567' },
    { formula: '=MDURATION("2026-01-01", "2028-01-01", [@blank], 25%, 1)', result: '1.6' },
    { formula: '=MDURATION("2026-01-01", "2028-01-01", 1%, 9%, 3)', result: '#NUM!' },
  ],
})

/** Securities that pay interest periodically. */
export const BONDS: readonly FunctionDefinition[] = [PRICE, YIELD, DURATION, MDURATION].map(toolpak)
