import type { NamedColumn } from '@sheetflow/core/predicate-claims'
import type { Predicate } from '@sheetflow/core/predicate'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'
import { fc } from './fast-check.ts'
import { NASTY, NASTY_ERRORS, nastyValues } from './nasty.ts'
import type { NastyType } from './nasty.ts'

const SHARES = 2 ** 31

/** Random values, rows and predicates for property tests, with the nasty corpus always among them. */

/** From 0 up to 1, each as likely as the other. `fc.double` chooses among all floating-point numbers, and most of those are as good as 0. */
export function arbitraryShare(): fc.Arbitrary<number> {
  return fc.noBias(fc.nat(SHARES - 1)).map((n) => n / SHARES)
}

/** A nasty type. */
export function arbitraryNasty(): fc.Arbitrary<NastyType> {
  return fc.constantFrom(...NASTY)
}

/** A value of the type in JSON form: from the corpus or made up; no Blank, no cell error. */
function arbitraryValue(nasty: NastyType): fc.Arbitrary<JsonValue> {
  return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...nastyValues(nasty)) }, { weight: 1, arbitrary: madeUp(nasty) })
}

/** What may stand in a column of the type: a value, Blank or a cell error. */
export function arbitraryCell(nasty: NastyType): fc.Arbitrary<JsonValue> {
  return fc.oneof(
    { weight: 8, arbitrary: arbitraryValue(nasty) },
    { weight: 1, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom(...NASTY_ERRORS.flat()) },
  )
}

/** One column for each nasty type, named after it. */
export const NASTY_COLUMNS: readonly NamedColumn[] = NASTY.map(({ name, type }) => ({ ...type, name }))

/** A row of `NASTY_COLUMNS`. */
export function arbitraryRow(): fc.Arbitrary<readonly JsonValue[]> {
  return fc.tuple(...NASTY.map(arbitraryCell))
}

/** A predicate over the given nasty types (default: all), with constants of their columns' types, Blank among them. */
export function arbitraryPredicate(types: readonly NastyType[] = NASTY): fc.Arbitrary<Predicate> {
  const tree = fc.letrec<{ predicate: Predicate; junction: Predicate; not: Predicate; leaf: Predicate }>((tie) => ({
    predicate: fc.oneof({ maxDepth: 4, depthSize: 'small' }, tie('leaf'), tie('junction'), tie('not')),
    junction: fc.record({ op: fc.constantFrom('and', 'or'), of: fc.array(tie('predicate'), { maxLength: 4 }) }),
    not: fc.record({ op: fc.constant('not'), of: tie('predicate') }),
    leaf: fc.constantFrom(...types).chain(arbitraryLeaf),
  }))
  return tree.predicate
}

function arbitraryLeaf(nasty: NastyType): fc.Arbitrary<Predicate> {
  const column = fc.constant(nasty.name)
  const constant = fc.oneof({ weight: 9, arbitrary: arbitraryValue(nasty) }, { weight: 1, arbitrary: fc.constant(null) })
  const leaves: fc.Arbitrary<Predicate>[] = [
    fc.record({ op: fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge'), column, value: constant }),
    fc.record({ op: fc.constant('in'), column, values: fc.array(constant, { maxLength: 4 }) }),
    fc.record({ op: fc.constant('between'), column, low: constant, high: constant }),
    fc.record({ op: fc.constant('blank'), column }),
  ]
  if (nasty.type.type === 'text') {
    const value = arbitraryValue(nasty).map((text) =>
      Array.from(text as string)
        .slice(0, 2)
        .join(''),
    )
    leaves.push(fc.record({ op: fc.constant('prefix'), column, value }))
  }
  return fc.oneof(...leaves)
}

function madeUp(nasty: NastyType): fc.Arbitrary<JsonValue> {
  const { type } = nasty
  switch (type.type) {
    case 'int':
      return fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -20, max: 20 })).map((n) => n + 0)
    case 'bigint':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)
    case 'decimal':
      return madeUpDecimal(type)
    case 'double':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0)
    case 'text':
      return fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.replaceAll('\0', ''))
    case 'bytes':
      return fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('base64'))
    case 'uuid':
      return fc.uuid()
    case 'list':
      return fc.array(fc.oneof(fc.constant(null), madeUp({ ...nasty, type: type.of })), { maxLength: 3 })
    case 'bool':
    case 'date':
    case 'time':
    case 'interval':
    case 'timestamp':
    case 'timestamptz':
    case 'json':
      return fc.constantFrom(...(nasty.groups.length === 0 ? [null] : nastyValues(nasty)))
  }
}

/** Digits at the column's scale, or at any small one. */
function madeUpDecimal(type: Extract<ColumnType, { type: 'decimal' }>): fc.Arbitrary<JsonValue> {
  const scale = type.s === undefined ? fc.integer({ min: 0, max: 12 }) : fc.constant(type.s)
  const limit = 10n ** BigInt(Math.min(type.p ?? 30, 30)) - 1n
  return fc.tuple(fc.bigInt({ min: -limit, max: limit }), scale).map(([units, places]) => withPoint(units, places))
}

function withPoint(units: bigint, places: number): string {
  if (places === 0) return String(units)
  const digits = String(units < 0n ? -units : units).padStart(places + 1, '0')
  return `${units < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`
}
