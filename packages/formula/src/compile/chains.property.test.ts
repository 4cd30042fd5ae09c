import { isCellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import { fc } from '@sheetflow/testkit/fast-check'
import { expect, it } from 'vitest'
import { calculate } from '../calculator/calculate.ts'
import type { PlainTable } from '../calculator/plain-table.ts'

/** A fraction, `below` above zero. */
interface Exact {
  readonly above: bigint
  readonly below: bigint
}

/** A chain as a formula, and what it is; null: it divides by zero. `isSum`: what it is meant to is not its 15 digits. */
interface Chain {
  readonly text: string
  readonly value: Exact | null
}

const A = ['12.5', '3', '0.07', '-7', '19.99', '1000000', '33', '-0.001', '8', '250']

const ROW: PlainTable = {
  id: 'row',
  key: [0],
  columns: [
    { id: 0, name: 'id', type: { type: 'int' }, nullable: false },
    ...A.map((_, i) => ({ id: i + 1, name: `c${i}`, type: { type: 'decimal' }, nullable: false })),
  ] as unknown as PlainTable['columns'],
  rows: [[1, ...A.map((text) => Decimal.parse(text))]],
}

function exact(text: string): Exact {
  const { units, scale } = Decimal.parse(text)
  return { above: BigInt(units), below: 10n ** BigInt(scale) }
}

const leaf: fc.Arbitrary<Chain> = fc.oneof(
  fc.nat(A.length - 1).map((i) => ({ text: `[@c${i}]`, value: exact(A[i] ?? '') })),
  fc.constantFrom('1', '2', '3', '7', '0.5', '100').map((text) => ({ text, value: exact(text) })),
)

function quotient(a: Exact, b: Exact): Exact | null {
  if (b.above === 0n) return null
  const sign = b.above < 0n ? -1n : 1n
  return { above: sign * a.above * b.below, below: sign * b.above * a.below }
}

/** A quotient of 15 digits, and what is multiplied and divided further. */
const chain: fc.Arbitrary<Chain> = fc
  .tuple(leaf, leaf, fc.array(fc.tuple(fc.constantFrom('*', '/', '%', '-', 'name', 'if'), leaf), { maxLength: 5 }))
  .map(([a, b, steps]) => {
    const start: Chain = { text: `(${a.text}/${b.text})`, value: a.value === null || b.value === null ? null : quotient(a.value, b.value) }
    return steps.reduce<Chain>(({ text, value }, [op, { text: other, value: by }], i) => {
      if (value === null || by === null) return { text, value: null }
      switch (op) {
        case '*':
          return { text: `(${text}*${other})`, value: { above: value.above * by.above, below: value.below * by.below } }
        case '/':
          return { text: `(${text}/${other})`, value: quotient(value, by) }
        case '%':
          return { text: `(${text}%)`, value: { above: value.above, below: value.below * 100n } }
        case '-':
          return { text: `(-${text})`, value: { above: -value.above, below: value.below } }
        case 'name':
          return { text: `LET(v${i}_, ${text}, v${i}_)`, value }
        default:
          return { text: `IF(${other}=${other}, ${text}, 0)`, value }
      }
    }, start)
  })

/** Rounded to so many places, half away from zero. */
function roundedTo({ above, below }: Exact, places: number): Decimal {
  const [up, down] = places >= 0 ? [10n ** BigInt(places), 1n] : [1n, 10n ** BigInt(-places)]
  const size = above < 0n ? -above : above
  const units = ((2n * size * up + below * down) / (2n * below * down)) * down
  return Decimal.of(above < 0n ? -units : units, Math.max(places, 0)).normalize()
}

/** Places behind the point of 15 significant digits. */
function placesOf({ above, below }: Exact): number {
  const size = above < 0n ? -above : above
  let places = 14
  while (size * 10n ** BigInt(Math.max(places - 14, 0)) < below * 10n ** BigInt(Math.max(14 - places, 0))) places++
  while (size * 10n ** BigInt(Math.max(places - 14, 0)) >= 10n * below * 10n ** BigInt(Math.max(14 - places, 0))) places--
  return places
}

function computed(text: string): Decimal | string {
  const { value, diagnostics } = calculate(`=${text}`, { tables: [], row: ROW, today: 0, timeZone: 'UTC' })
  expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([])
  return isNumber(value) ? toDecimal(value) : isCellError(value) ? value.kind : 'no number'
}

/** A quotient that has ended is exact, and so is what is multiplied with it: more than 15 digits are right then. */
function agrees(got: Decimal, value: Exact, places: number): boolean {
  const { above, below } = exact(got.toString())
  return above * value.below === value.above * below || got.eq(roundedTo(value, places))
}

it('products and quotients are what they are in fractions, rounded at the end', () => {
  fc.assert(
    fc.property(chain, ({ text, value }) => {
      const got = computed(text)
      const isRight =
        value === null || !(got instanceof Decimal)
          ? value === null && got === '#DIV/0!'
          : agrees(got, value, value.above === 0n ? 0 : placesOf(value))
      expect(isRight).toBe(true)
    }),
    { numRuns: 300 },
  )
})

it('sums of chains are what they are in fractions, rounded to the places of the coarser one', () => {
  fc.assert(
    fc.property(chain, chain, fc.constantFrom('+', '-'), (a, b, op) => {
      fc.pre(a.value !== null && b.value !== null && a.value.above !== 0n && b.value.above !== 0n)
      const [x, y] = [a.value, b.value]
      const sum = { above: x.above * y.below + (op === '+' ? y.above : -y.above) * x.below, below: x.below * y.below }
      const got = computed(`${a.text}${op}${b.text}`)
      // One that is exact has no places; the other decides then.
      const places = [Math.min(placesOf(x), placesOf(y)), placesOf(x), placesOf(y)]
      expect(got instanceof Decimal && places.some((one) => agrees(got, sum, one))).toBe(true)
    }),
    { numRuns: 300 },
  )
})

it('what is taken away again leaves nothing', () => {
  fc.assert(
    fc.property(chain, ({ text, value }) => {
      fc.pre(value !== null)
      expect(String(computed(`${text}-${text}`))).toBe('0')
      expect(String(computed(`(${text}*3/3-${text})*100000000000000000000`))).toBe('0')
    }),
    { numRuns: 200 },
  )
})
