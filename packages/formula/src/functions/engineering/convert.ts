import { Decimal } from '@sheetflow/core/decimal'
import type { Value } from '@sheetflow/core/value'
import { NA, NUM } from '../../value/cell-errors.ts'
import { realForm } from '../../value/real.ts'
import type { FunctionDefinition } from '../definition.ts'
import { real } from '../results.ts'
import { engineering, REAL, TEXT } from './arguments.ts'
import { decimalPrefix, unitNamed } from './units.ts'

/** A scale of temperatures: degrees = celsius × steps + zero. Exact, so that 20 °C are 68 °F and not nearly. */
interface Scale {
  readonly steps: Decimal
  readonly zero: Decimal
}

function scale(steps: string, zero: string): Scale {
  return { steps: Decimal.parse(steps), zero: Decimal.parse(zero) }
}

const CELSIUS = scale('1', '0')
const FAHRENHEIT = scale('1.8', '32')
const KELVIN = scale('1', '273.15')

const SCALES: Readonly<Record<string, Scale>> = {
  C: CELSIUS,
  cel: CELSIUS,
  F: FAHRENHEIT,
  fah: FAHRENHEIT,
  K: KELVIN,
  kel: KELVIN,
  Rank: scale('1.8', '491.67'),
  Reau: scale('0.8', '0'),
}

/** A scale by its name; only kelvins take prefixes. */
function scaleNamed(name: string): { readonly scale: Scale; readonly factor: number } | null {
  const known = Object.hasOwn(SCALES, name) ? SCALES[name] : undefined
  if (known !== undefined) return { scale: known, factor: 1 }
  const match = /^(.{1,2})(?:K|kel)$/.exec(name)
  const factor = match?.[1] === undefined ? null : decimalPrefix(match[1])
  return factor === null ? null : { scale: KELVIN, factor }
}

function convertTemperature(number: number, from: string, to: string): number | null {
  const [source, target] = [scaleNamed(from), scaleNamed(to)]
  if (source === null || target === null) return null
  if (source.scale === target.scale) return (number * source.factor) / target.factor
  const degrees = number * source.factor
  const exact = Math.abs(degrees) < 1e20 ? throughCelsius(Decimal.fromNumber(degrees), source.scale, target.scale) : null
  return exact === null ? Number.NaN : exact / target.factor
}

function throughCelsius(degrees: Decimal, from: Scale, to: Scale): number | null {
  const scaled = degrees.round(20, 'half-away').sub(from.zero)?.mul(to.steps)?.div(from.steps)
  return scaled?.add(to.zero)?.toNumber() ?? null
}

function convert(number: number, from: string, to: string): number | null {
  const [source, target] = [unitNamed(from), unitNamed(to)]
  if (source === null || target === null) return convertTemperature(number, from, to)
  return source.kind === target.kind ? (number * source.size) / target.size : null
}

/** Between units of measurement. */
export const CONVERT: FunctionDefinition = engineering({
  name: 'CONVERT',
  help: 'A number in another unit of measurement; letter case counts, units that do not fit are #N/A.',
  args: [
    { name: 'number', read: REAL },
    { name: 'from_unit', read: TEXT },
    { name: 'to_unit', read: TEXT },
  ],
  result: (types) => real({ ...types, args: types.args.slice(0, 1) }),
  make: ({ result }) => {
    const form = realForm(result)
    return (number, from, to): Value => {
      const converted = convert(number, from, to)
      return converted === null ? NA : Number.isFinite(converted) ? form(converted) : NUM
    }
  },
  examples: [
    { formula: '=CONVERT(1, "lbm", "kg")', result: '0.45359237' },
    { formula: '=CONVERT(20, "C", "F")', result: '68' },
    { formula: '=CONVERT(1, "Mibyte", "bit")', result: '8388608' },
    { formula: '=CONVERT([@blank], "m", "ft")', result: '0' },
    { formula: '=CONVERT(2.5, "ft", "sec")', result: '#N/A' },
  ],
})
