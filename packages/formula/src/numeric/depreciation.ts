import { civilFromDays, daysFromCivil } from '@sheetflow/core/calendar'
import type { DateValue } from '@sheetflow/core/value'
import { daysBetween, daysInYear, type Basis } from './day-count.ts'
import { isLeapYear } from './months.ts'
import { spend } from '../value/budget.ts'

/** Depreciation of assets by Excel's rules. Arguments are in range: the functions that use these check them. */

/** DB: fixed declining balance with a rate of three decimals; `months` are those of the first year. */
export function fixedDeclining(cost: number, salvage: number, life: number, period: number, months: number): number {
  const rate = Math.round((1 - Math.pow(salvage / cost, 1 / life)) * 1000) / 1000
  const first = (cost * rate * months) / 12
  if (period < 2) return first
  const depreciation = (cost - first) * Math.pow(1 - rate, Math.floor(period) - 2) * rate
  return period > life ? (depreciation * (12 - months)) / 12 : depreciation
}

/** DDB: declining balance at `factor / life`, never below salvage. */
export function doubleDeclining(cost: number, salvage: number, life: number, period: number, factor: number): number {
  const keeps = Math.max(0, 1 - factor / life)
  const before = cost * Math.pow(keeps, Math.max(1, period) - 1)
  const after = Math.max(salvage, before * keeps)
  return Math.max(0, before - after)
}

/** Assets that live longer than that are refused: each period is a step. */
export const MAX_PERIODS: number = 100_000

/** VDB from the beginning to a time: declining balance that goes over to a straight line once that is more (`switches`); parts of periods count in proportion. */
export function declinedUntil(cost: number, salvage: number, life: number, time: number, factor: number, switches: boolean): number {
  const whole = Math.floor(time)
  spend(whole / 8)
  let sum = 0
  for (let period = 0; period <= whole; period++) {
    const declining = Math.min((cost - sum) * (factor / life), cost - salvage - sum)
    const straight = (cost - sum - salvage) / (life - period)
    const onLine = switches && declining < straight
    if (period === whole) return sum + (onLine ? (whole === Math.floor(life) ? 0 : straight) : declining) * (time - whole)
    sum += onLine ? straight : declining
  }
  return sum
}

/** The asset of AMORLINC and AMORDEGRC. */
export interface FrenchAsset {
  readonly cost: number
  readonly salvage: number
  readonly purchased: DateValue
  /** The end of the first period. */
  readonly firstEnd: DateValue
  readonly rate: number
  readonly basis: Basis
}

/** AMORLINC: linear by French accounting, the first period in proportion to its days. */
export function frenchLinear(asset: FrenchAsset, period: number): number {
  const { cost, salvage, rate } = asset
  if (cost === salvage || period > Math.ceil(1 / rate)) return 0
  const first = firstOfAsset(asset, rate)
  if (period === 0) return first
  const each = rate * cost
  const before = Math.floor(period) - 1
  return before < 0 ? each : Math.max(0, Math.min(each, cost - salvage - first - before * each))
}

/** AMORDEGRC: degressive by French accounting, rounded to whole units. */
export function frenchDegressive(asset: FrenchAsset, period: number): number {
  const { cost, salvage, rate } = asset
  const life = Math.ceil(1 / rate)
  if (cost === salvage || period > life) return 0
  const degressive = rate * coefficient(life)
  const first = firstOfAsset(asset, degressive)
  const lives = firstDays(asset) === 0 ? life : life + 1
  if (period === 0) return roundHalfUp(first)
  let left = cost - roundHalfUp(first)
  let share = degressive
  let depreciation = 0
  spend(period / 8)
  for (let count = 1; count <= period; count++) {
    const isLastButOne = lives - count - 1 === 2
    depreciation = left < salvage ? 0 : left * (isLastButOne ? 0.5 : share)
    if (isLastButOne) share = 1
    left -= depreciation
  }
  return roundHalfUp(depreciation)
}

/** By the years of the asset's life. */
function coefficient(life: number): number {
  return life < 3 ? 1 : life <= 4 ? 1.5 : life <= 6 ? 2 : 2.5
}

/** Of the first period; a whole year's if it has no days, and never more than there is. */
function firstOfAsset(asset: FrenchAsset, rate: number): number {
  const { cost, salvage, purchased, basis } = asset
  const { year } = civilFromDays(purchased)
  const yearDays = basis === 1 ? (isLeapYear(year) ? 366 : 365) : daysInYear(purchased, purchased, basis)
  const part = (firstDays(asset) / yearDays) * rate * cost
  return Math.min(part === 0 ? cost * rate : part, cost - salvage)
}

function firstDays({ purchased, firstEnd, basis }: FrenchAsset): number {
  return daysBetween(withoutLeapDay(purchased, basis), withoutLeapDay(firstEnd, basis), basis)
}

function withoutLeapDay(day: DateValue, basis: Basis): DateValue {
  const { year, month, day: dayOfMonth } = civilFromDays(day)
  return (basis === 1 || basis === 3) && month === 2 && dayOfMonth === 29 ? daysFromCivil(year, 2, 28) : day
}

/** Half away from zero, after the noise behind the 13th decimal is gone, as Excel's figures have it. */
function roundHalfUp(value: number): number {
  return Math.round(Number(value.toFixed(13)))
}
