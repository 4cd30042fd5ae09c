import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, test } from 'vitest'
import { Decimal } from './decimal.ts'

describe('parse', () => {
  test.each([
    ['0', 0, 0],
    ['-0', 0, 0],
    ['-0.00', 0, 2],
    ['+7', 7, 0],
    ['007.50', 750, 2],
    ['.5', 5, 1],
    ['5.', 5, 0],
    ['1e5', 100_000, 0],
    ['1.50e1', 150, 1],
    ['15E-3', 15, 3],
    ['1e-7', 1, 7],
    ['9007199254740991', 9007199254740991, 0],
    ['9007199254740992', 9007199254740992n, 0],
    ['-90071992547409.93', -9007199254740993n, 2],
    ['0.00000000000000000000000000000000000001', 1, 38],
    ['99999999999999999999999999999999999999999', 99999999999999999999999999999999999999999n, 0],
  ])('%s', (text, units, scale) => {
    const decimal = Decimal.parse(text)
    expect([decimal.units, decimal.scale]).toEqual([units, scale])
    expect(Object.is(decimal.units, -0)).toBe(false)
  })

  test.each(['', '-', '.', '+.', 'e5', '1e', '1.2.3', '--1', '1 ', ' 1', '1,5', '0x10', 'NaN', 'Infinity', '1e99999999', '1_000', '١'])(
    'refuses %j',
    (text) => {
      expect(Decimal.tryParse(text)).toBeNull()
      expect(() => Decimal.parse(text)).toThrow(expect.objectContaining({ code: 'core/bad-value' }))
    },
  )

  test('a double is what it prints as', () => {
    expect(Decimal.fromNumber(0.1).toString()).toBe('0.1')
    expect(Decimal.fromNumber(-0).toString()).toBe('0')
    expect(Decimal.fromNumber(1e21).toString()).toBe('1000000000000000000000')
    expect(Decimal.fromNumber(5e-324).scale).toBe(324)
  })
})

/** Any decimal of up to 17 digits: both lanes. */
const decimals = fc
  .tuple(
    fc.oneof(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), fc.bigInt({ min: -100n, max: 100n })),
    fc.integer({ min: 0, max: 12 }),
  )
  .map(([units, scale]) => Decimal.of(units, scale))

/** The value times 10^50. */
function exact(value: Decimal): bigint {
  return BigInt(value.units) * 10n ** BigInt(50 - value.scale)
}

describe('arithmetic', () => {
  test('sums, differences, products and order are exact in both lanes', () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        expect(exact(a.add(b) as Decimal)).toBe(exact(a) + exact(b))
        expect(exact(a.sub(b) as Decimal)).toBe(exact(a) - exact(b))
        expect(exact(a.mul(b) as Decimal) * 10n ** 50n).toBe(exact(a) * exact(b))
        expect(a.cmp(b)).toBe(exact(a) < exact(b) ? -1 : exact(a) > exact(b) ? 1 : 0)
        expect(a.add(b)?.sub(b)?.eq(a)).toBe(true)
        expect(exact(a.neg())).toBe(-exact(a))
      }),
      { numRuns: runs(2_000, 20_000) },
    )
  })

  test('a value has one form per scale: the number lane while it is safe', () => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        for (const value of [a, a.add(b), a.sub(b), a.mul(b), a.neg(), a.normalize(), a.rescale(3, 'half-away')]) {
          const units = (value as Decimal).units
          expect(typeof units).toBe(Number.isSafeInteger(Number(units)) ? 'number' : 'bigint')
          expect(Object.is(units, -0)).toBe(false)
        }
      }),
    )
  })

  test('text goes round', () => {
    fc.assert(
      fc.property(decimals, (a) => {
        const back = Decimal.parse(a.toString())
        expect([back.units, back.scale]).toEqual([a.units, a.scale])
        expect(a.normalize().eq(a)).toBe(true)
        expect(a.normalize().toString()).not.toMatch(/\.\d*0$/)
        expect(Object.is(a.toNumber() + 0, Number(a.toString()) + 0)).toBe(true)
      }),
      { numRuns: runs(1_000, 10_000) },
    )
  })

  test('beyond 38 digits there is no result, but zeros behind the point do not count', () => {
    const nines = Decimal.parse('9'.repeat(38))
    expect(nines.add(Decimal.parse('1'))).toBeNull()
    expect(nines.add(Decimal.parse('0.0'))?.toString()).toBe('9'.repeat(38))
    expect(nines.sub(Decimal.parse('1'))?.toString()).toBe(`${'9'.repeat(37)}8`)
    expect(nines.mul(Decimal.parse('10'))).toBeNull()
    expect(Decimal.parse('1e-20').mul(Decimal.parse('1e-20'))).toBeNull()
    expect(Decimal.parse('1e20').mul(Decimal.parse('1e-20'))?.normalize().toString()).toBe('1')
  })
})

describe('division and powers', () => {
  test.each([
    ['1', '3', '0.333333333333333'],
    ['2', '3', '0.666666666666667'],
    ['-2', '3', '-0.666666666666667'],
    ['10', '4', '2.5'],
    ['1', '8', '0.125'],
    ['0', '7', '0'],
    ['1000000000000005', '10', '100000000000001'],
    ['1000000000000015', '10', '100000000000002'],
    ['-1000000000000005', '10', '-100000000000001'],
    ['1', '1e30', '0.000000000000000000000000000001'],
    ['1', '3e30', '0.00000000000000000000000000000033333333'],
    ['1', '1e60', '0'],
    ['9.5', '0.5', '19'],
  ])('%s / %s = %s', (a, b, quotient) => {
    expect(Decimal.parse(a).div(Decimal.parse(b))?.toString()).toBe(quotient)
  })

  test.each([
    ['2', 10, '1024'],
    ['2', -1, '0.5'],
    ['2', 60, '1152921504606850000'],
    ['-3', 3, '-27'],
    ['0', 0, '1'],
    ['0', 5, '0'],
    ['1.5', 2, '2.25'],
    ['1.1', 100, '13780.6123398223'],
    ['1.0000001', 10_000_000, '2.71828169254497'],
    ['10', -50, '0'],
    ['1', 9007199254740991, '1'],
    ['-1', 9007199254740991, '-1'],
    ['0.5', 9007199254740991, '0'],
  ])('%s ^ %s = %s', (base, exponent, power) => {
    expect(Decimal.parse(base).pow(exponent)?.toString()).toBe(power)
  })

  test('what is too great has no result', () => {
    expect(Decimal.parse('10').pow(38)).toBeNull()
    expect(Decimal.parse('10').pow(37)?.digits()).toBe(38)
    expect(Decimal.parse('2').pow(9007199254740991)).toBeNull()
    expect(Decimal.parse('0.5').pow(-9007199254740991)).toBeNull()
    expect(Decimal.parse('1e30').div(Decimal.parse('1e-30'))).toBeNull()
  })

  test('a quotient is the exact one rounded once to 15 digits', () => {
    fc.assert(
      fc.property(
        decimals,
        decimals.filter((b) => !b.isZero()),
        (a, b) => {
          const quotient = a.div(b) as Decimal
          // |q·b − a| ≤ half of q's last of 15 digits, times |b|; quotients smaller than 38 places are cut there.
          const error = abs(exact(quotient) * exact(b) - exact(a) * 10n ** 50n)
          const unit = 10n ** BigInt(50 + magnitude(quotient) - 14)
          expect(error * 2n <= abs(exact(b)) * (unit > 10n ** 12n ? unit : 10n ** 12n)).toBe(true)
        },
      ),
      { numRuns: runs(1_000, 10_000) },
    )
  })
})

describe('rounding', () => {
  test.each([
    ['2.5', 0, '3'],
    ['-2.5', 0, '-3'],
    ['2.49', 0, '2'],
    ['0.125', 2, '0.13'],
    ['-0.125', 2, '-0.13'],
    ['1.005', 2, '1.01'],
    ['9007199254740993.5', 0, '9007199254740994'],
    ['1', 2, '1.00'],
    ['0.4', 0, '0'],
    ['-0.4', 0, '0'],
  ])('%s to %s places is %s', (text, scale, rounded) => {
    expect(Decimal.parse(text).rescale(scale, 'half-away').toString()).toBe(rounded)
  })

  test.each([
    ['1250', -2, '1300'],
    ['-1250', -2, '-1300'],
    ['1249.99', -2, '1200'],
    ['49', -2, '0'],
    ['50', -2, '100'],
    ['5', -9, '0'],
    ['1.50', 5, '1.50'],
  ])('round %s to %s is %s', (text, places, rounded) => {
    expect(Decimal.parse(text).round(places, 'half-away').toString()).toBe(rounded)
  })

  test('cut off', () => {
    expect(Decimal.parse('-2.99').rescale(0, 'truncate').toString()).toBe('-2')
    expect(Decimal.parse('12345678901234567890.99').rescale(1, 'truncate').toString()).toBe('12345678901234567890.9')
  })
})

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}

/** Power of ten of the first digit. */
function magnitude(value: Decimal): number {
  return String(abs(BigInt(value.units))).length - value.scale - 1
}
