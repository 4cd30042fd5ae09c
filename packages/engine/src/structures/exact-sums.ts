import { Decimal } from '@sheetflow/core/decimal'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { ColumnType } from '@sheetflow/core/type'
import type { Lane } from '../state/lane.ts'
import { Records } from '../state/records.ts'

/** Scale of the narrow sums where the column's own is not fixed. */
const USUAL_SCALE = 4
const MAX_NARROW_SCALE = 15

interface WideSum {
  units: bigint
  scale: number
}

/**
 * One exact sum per group: a group in the mathematical sense, adding and removing leaves nothing (no drift, whatever the order).
 *
 * Nearly all values are whole multiples of 10^-scale and their sums safe integers: they add up in a double. What does not fit goes to an
 * exact sum of big integers beside it; the total is both together. A double counts as the decimal that it prints as, so 0.1 + 0.2 is 0.3.
 */
export class ExactSums {
  readonly #scale: number
  readonly #factor: number
  readonly #squares: boolean
  /** Scale of the sums: twice that of the cells where their squares are summed. */
  readonly #sumScale: number
  readonly #wide = new Map<number, WideSum>()
  readonly #records: Records
  /** Field of an entry's record: its narrow sum. */
  readonly #narrow: number

  /** `squares`: sums the squares of the values. `records`: one for each entry, where they are not the sums' own. */
  constructor(type: ColumnType, squares = false, records: Records = new Records()) {
    this.#records = records
    this.#narrow = records.addNumber(false)
    this.#scale = scaleFor(type)
    this.#factor = 10 ** this.#scale
    this.#squares = squares
    this.#sumScale = squares ? 2 * this.#scale : this.#scale
  }

  /** Adds (`sign` 1) or removes (−1) cell `i`, which is a number. */
  add(entry: number, lane: Lane, i: number, sign: 1 | -1): void {
    const units = this.#narrowUnits(lane, i)
    const narrow = this.#squares ? units * units : units
    if (Number.isSafeInteger(narrow)) {
      this.#addNarrow(entry, sign * narrow)
      return
    }
    const value = lane.value(i)
    if (!isNumber(value)) return
    const decimal = toDecimal(value)
    this.#addWide(entry, this.#squares ? Decimal.of(BigInt(decimal.units) ** 2n, 2 * decimal.scale) : decimal, sign)
  }

  /** Adds (or takes away) the sum of another entry. */
  join(entry: number, other: number, sign: 1 | -1): void {
    this.#addNarrow(entry, sign * this.#sumOf(other))
    const wide = this.#wide.get(other)
    if (wide !== undefined) this.#addWide(entry, Decimal.of(wide.units, wide.scale), sign)
  }

  /** The sum without trailing zeros. It may have more digits than a result is allowed. */
  total(entry: number): Decimal {
    const narrow = Decimal.of(this.#sumOf(entry), this.#sumScale)
    const wide = this.#wide.get(entry)
    if (wide === undefined) return narrow.normalize()
    const scale = Math.max(wide.scale, this.#sumScale)
    return Decimal.of(atScale(wide.units, wide.scale, scale) + atScale(BigInt(narrow.units), this.#sumScale, scale), scale).normalize()
  }

  /** Writes the sum, without trailing zeros, into cell 0 of `to`. False: it has a wide part. */
  write(entry: number, to: Lane): boolean {
    if (this.#wide.size > 0 && this.#wide.has(entry)) return false
    let units = this.#sumOf(entry)
    let scale = units === 0 ? 0 : this.#sumScale
    while (scale > 0 && isTens(units)) {
      units /= 10
      scale -= 1
    }
    to.setUnits(0, units, scale)
    return true
  }

  forget(entry: number): void {
    if (entry < this.#records.capacity) this.#records.setNumber(entry, this.#narrow, 0)
    if (this.#wide.size > 0) this.#wide.delete(entry)
  }

  /** Gives the field of the records back. The sums are not used again. */
  free(): void {
    this.#records.freeNumber(this.#narrow)
  }

  #sumOf(entry: number): number {
    return entry >= 0 && entry < this.#records.capacity ? this.#records.number(entry, this.#narrow) + 0 : 0
  }

  #addNarrow(entry: number, units: number): void {
    if (entry >= this.#records.capacity) this.#records.makeRoom(entry + 1)
    const before = this.#records.number(entry, this.#narrow)
    const sum = before + units
    if (Number.isSafeInteger(sum)) {
      this.#records.setNumber(entry, this.#narrow, sum)
      return
    }
    this.#addWide(entry, Decimal.of(before, this.#sumScale), 1)
    this.#records.setNumber(entry, this.#narrow, units)
  }

  /** The cell as a whole multiple of 10^-scale, or NaN. */
  #narrowUnits(lane: Lane, i: number): number {
    const units = lane.units(i)
    if (!Number.isNaN(units)) {
      const up = this.#scale - lane.scale(i)
      if (up === 0) return units
      const scaled = up > 0 && up <= MAX_NARROW_SCALE ? units * 10 ** up : Number.NaN
      return Number.isSafeInteger(scaled) ? scaled : Number.NaN
    }
    const value = lane.type.type === 'double' ? lane.value(i) : null
    if (typeof value !== 'number') return Number.NaN
    // If the rounded multiple divides back to the very double, it is the decimal that the double prints as.
    const scaled = Math.round(value * this.#factor)
    return Math.abs(scaled) < 1e15 && scaled / this.#factor === value ? scaled + 0 : Number.NaN
  }

  #addWide(entry: number, value: Decimal, sign: 1 | -1): void {
    const known = this.#wide.get(entry)
    const sum = known ?? { units: 0n, scale: value.scale }
    const scale = Math.max(sum.scale, value.scale)
    const added = atScale(BigInt(value.units), value.scale, scale)
    sum.units = atScale(sum.units, sum.scale, scale) + (sign === 1 ? added : -added)
    sum.scale = scale
    if (sum.units === 0n) this.#wide.delete(entry)
    else if (known === undefined) this.#wide.set(entry, sum)
  }
}

/** `units % 10 === 0`: of numbers of 32 bits without a division of doubles, which is a call. */
function isTens(units: number): boolean {
  const low = units | 0
  return low === units ? low % 10 === 0 : units % 10 === 0
}

function atScale(units: bigint, from: number, to: number): bigint {
  return from === to ? units : units * 10n ** BigInt(to - from)
}

function scaleFor(type: ColumnType): number {
  if (type.type === 'int' || type.type === 'bigint') return 0
  if (type.type === 'decimal' && type.s !== undefined && type.s >= 0 && type.s <= MAX_NARROW_SCALE) return type.s
  return USUAL_SCALE
}
