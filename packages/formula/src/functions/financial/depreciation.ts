import type { CellError } from '@sheetflow/core/cell-error'
import type { Timestamp } from '@sheetflow/core/value'
import { basisOf } from '../../numeric/day-count.ts'
import {
  declinedUntil,
  doubleDeclining,
  fixedDeclining,
  frenchDegressive,
  frenchLinear,
  MAX_PERIODS,
  type FrenchAsset,
} from '../../numeric/depreciation.ts'
import { DIV0 } from '../../value/cell-errors.ts'
import type { FunctionDefinition } from '../definition.ts'
import { toolpak } from '../toolpak.ts'
import { amount, BASIS, day, financial, optional, whole } from './define.ts'

const ASSET = [amount('cost'), amount('salvage'), amount('life')] as const
const FACTOR = optional(amount('factor'), 2)

const SLN = financial({
  name: 'SLN',
  help: 'Straight-line depreciation of an asset for one period.',
  params: ASSET,
  run: (cost: number, salvage: number, life: number): number | CellError => (life === 0 ? DIV0 : (cost - salvage) / life),
  examples: [
    { formula: '=SLN(30000, 7500, 10)', result: '2250' },
    { formula: '=SLN(30000, [@blank], 10)', result: '3000' },
    { formula: '=SLN(30000, 7500, 0)', result: '#DIV/0!' },
  ],
})

const SYD = financial({
  name: 'SYD',
  help: "Depreciation of an asset for a period by the sum of the years' digits.",
  params: [...ASSET, amount('period')],
  run: (cost: number, salvage: number, life: number, period: number) =>
    salvage < 0 || period <= 0 || period > life ? null : ((cost - salvage) * (life - period + 1) * 2) / (life * (life + 1)),
  examples: [
    { formula: '=ROUND(SYD(30000, 7500, 10, 1), 2)', result: '4090.91' },
    { formula: '=ROUND(SYD(30000, 7500, 10, 10), 2)', result: '409.09' },
    { formula: '=SYD(11, [@blank], 1, 1)', result: '11' },
    { formula: '=SYD(30000, 7500, 10, 11)', result: '#NUM!' },
  ],
})

const DB = financial({
  name: 'DB',
  help: 'Depreciation of an asset for a period by a fixed declining balance.',
  params: [...ASSET, amount('period'), optional(whole('month'), 12)],
  run: (cost: number, salvage: number, life: number, period: number, month: number) => {
    const last = life + (month < 12 ? 1 : 0)
    if (cost < 0 || salvage < 0 || life <= 0 || period <= 0 || period > last || month < 1 || month > 12) return null
    return cost === 0 ? 0 : fixedDeclining(cost, salvage, life, period, month)
  },
  examples: [
    { formula: '=ROUND(DB(1000000, 100000, 6, 1, 7), 2)', result: '186083.33' },
    { formula: '=ROUND(DB(1000000, 100000, 6, 7, 7), 2)', result: '15845.1' },
    { formula: '=DB([@blank], 100, 6, 1)', result: '0' },
    { formula: '=DB(1000000, 100000, 6, 7)', result: '#NUM!' },
  ],
})

const DDB = financial({
  name: 'DDB',
  help: 'Depreciation of an asset for a period by a declining balance, double if no factor is given.',
  params: [...ASSET, amount('period'), FACTOR],
  run: (cost: number, salvage: number, life: number, period: number, factor: number) =>
    cost < 0 || salvage < 0 || life <= 0 || period <= 0 || period > life || factor <= 0
      ? null
      : doubleDeclining(cost, salvage, life, period, factor),
  examples: [
    { formula: '=DDB(2400, 300, 10, 1)', result: '480' },
    { formula: '=ROUND(DDB(2400, 300, 10, 2, 1.5), 2)', result: '306' },
    { formula: '=DDB([@blank], 300, 10, 1)', result: '0' },
    { formula: '=DDB(2400, 300, 10, 11)', result: '#NUM!' },
  ],
})

const VDB = financial({
  name: 'VDB',
  help: 'Depreciation of an asset between two times by a declining balance that goes over to a straight line.',
  params: [...ASSET, amount('start_period'), amount('end_period'), FACTOR, optional({ name: 'no_switch', kind: 'bool' }, false)],
  run: (cost: number, salvage: number, life: number, start: number, end: number, factor: number, noSwitch: boolean) => {
    if (cost < 0 || salvage < 0 || life <= 0 || factor < 0 || start < 0 || end < start || end > life || end > MAX_PERIODS) return null
    const until = (time: number): number => declinedUntil(cost, salvage, life, time, factor, !noSwitch)
    return until(end) - until(start)
  },
  examples: [
    { formula: '=ROUND(VDB(2400, 300, 10*12, 6, 18), 2)', result: '396.31' },
    { formula: '=ROUND(VDB(2400, 300, 10, 0, 0.875, 1.5), 2)', result: '315' },
    { formula: '=VDB(2400, [@blank], 10, 0, 1)', result: '480' },
    { formula: '=VDB(2400, 300, 10, 2, 1)', result: '#NUM!' },
  ],
})

const FRENCH = [
  amount('cost'),
  day('date_purchased'),
  day('first_period'),
  amount('salvage'),
  amount('period'),
  amount('rate'),
  BASIS,
] as const

/** The asset, or null where Excel refuses the arguments; actual/360 is no basis here. */
function frenchAsset(
  cost: number,
  purchased: Timestamp,
  firstEnd: Timestamp,
  salvage: number,
  period: number,
  rate: number,
  basis: number,
): FrenchAsset | null {
  const convention = basisOf(basis)
  if (convention === null || convention === 2 || purchased.days > firstEnd.days) return null
  if (cost < 0 || salvage < 0 || salvage > cost || period < 0 || period > MAX_PERIODS || rate <= 0) return null
  return { cost, salvage, purchased: purchased.days, firstEnd: firstEnd.days, rate, basis: convention }
}

type FrenchArguments = Parameters<typeof frenchAsset>

const AMORLINC = financial({
  name: 'AMORLINC',
  help: 'Linear depreciation of an asset for a period by French accounting.',
  params: FRENCH,
  run: (...args: FrenchArguments) => {
    const asset = frenchAsset(...args)
    return asset === null ? null : frenchLinear(asset, args[4])
  },
  examples: [
    { formula: '=AMORLINC(2400, DATE(2008,8,19), DATE(2008,12,31), 300, 1, 15%, 1)', result: '360' },
    { formula: '=AMORLINC(2400, DATE(2008,8,19), DATE(2008,12,31), [@blank], 1, 15%, 1)', result: '360' },
    { formula: '=AMORLINC(2400, DATE(2008,8,19), DATE(2008,12,31), 300, 1, 15%, 2)', result: '#NUM!' },
  ],
})

/** Excel knows no coefficient for assets that live up to 3 years, and between 4 and 5. */
function hasCoefficient(rate: number): boolean {
  const life = 1 / rate
  return life >= 3 && (life <= 4 || life >= 5)
}

const AMORDEGRC = financial({
  name: 'AMORDEGRC',
  help: 'Degressive depreciation of an asset for a period by French accounting, in whole units.',
  params: FRENCH,
  run: (...args: FrenchArguments) => {
    const asset = frenchAsset(...args)
    return asset === null || !hasCoefficient(asset.rate) ? null : frenchDegressive(asset, args[4])
  },
  examples: [
    { formula: '=AMORDEGRC(2400, DATE(2008,8,19), DATE(2008,12,31), 300, 1, 15%, 1)', result: '776' },
    { formula: '=AMORDEGRC(2400, DATE(2008,8,19), DATE(2008,12,31), 300, [@blank], 15%, 1)', result: '330' },
    { formula: '=AMORDEGRC(2400, DATE(2008,8,19), DATE(2008,12,31), 300, 1, 50%, 1)', result: '#NUM!' },
  ],
})

/** Depreciation of assets. */
export const DEPRECIATION: readonly FunctionDefinition[] = [SLN, SYD, DB, DDB, VDB, toolpak(AMORLINC), toolpak(AMORDEGRC)]
