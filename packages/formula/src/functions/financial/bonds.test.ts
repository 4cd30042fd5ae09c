import { describe, expect, it } from 'vitest'
import { evaluated } from '../../testing/evaluated.ts'

/** Excel's results. */
describe('securities with coupons', () => {
  it.each<[string, number]>([
    ['PRICE("2020-03-01", "2030-03-01", 0.05, 0.065, 15, 1, 1)', 43.935041646613442],
    ['PRICE("2020-03-01", "2040-03-15", 0.06, 0.07876, 1000, 2, 4)', 272.65197825055986],
    ['PRICE("2025-04-01", "2028-03-13", 0.22, 0.12, 15, 1, 2)', 62.736929069290866],
    ['PRICE("2025-04-01", "2028-03-13", 0.05, 0.065, 15, 1, 3)', 25.484095435031719],
    ['YIELD("1980-02-15", "2010-06-30", 0.07, 364.906836773092, 130, 4, 4)', -0.00297404851120256],
    ['YIELD("1981-03-31", "2010-06-05", 0.07, 368.371681683321, 130, 1, 2)', -0.00467709931300069],
    ['YIELD("1980-03-15", "2008-02-29", 0.07, 370.820153546391, 130, 1, 2)', -0.00642559205337707],
    ['ODDFPRICE("2020-03-01", "2030-03-01", "2020-01-15", "2021-03-01", 0.075, 0.05, 120, 1, 0)', 131.53696747314225],
    ['ODDFPRICE("2020-03-01", "2030-03-01", "2020-01-15", "2021-03-01", 0.075, 0.05, 120, 2, 3)', 131.53020481001226],
    ['ODDFPRICE("2020-03-17", "2030-03-01", "2020-01-15", "2021-03-01", 0.075, 0.067, 120, 2.3, 2)', 115.85503392508934],
    ['ODDLPRICE("2020-03-01", "2030-03-01", "2020-01-15", 0.075, 0.0589, 120, 2, 2)', 122.36705839417525],
    ['ODDLPRICE("2020-03-01", "2030-03-01", "2020-01-15", 0.08, 0.0711, 120, 1, 3)', 116.47338382128387],
    ['ODDLYIELD("2020-03-01", "2030-03-01", "2020-01-15", 0.075, 162.34027777777777, 120, 2, 4)', 0.02],
  ])('%s is %d', (formula, result) => {
    expect(Math.abs((evaluated(formula) as number) - result)).toBeLessThanOrEqual(2e-11 * Math.max(1, Math.abs(result)))
  })

  it.each([0, 1, 2, 3, 4])('a yield gives its price back, basis %i', (basis) => {
    for (const frequency of [1, 2, 4]) {
      const rest = `100, ${frequency}, ${basis}`
      const price = `PRICE("2020-03-17", "2031-08-31", 4%, 7%, ${rest})`
      expect(evaluated(`YIELD("2020-03-17", "2031-08-31", 4%, ${price}, ${rest})`)).toBeCloseTo(0.07, 13)
      const odd = `ODDFPRICE("2020-03-17", "2031-08-31", "2020-01-15", "2021-08-31", 4%, 7%, ${rest})`
      expect(evaluated(`ODDFYIELD("2020-03-17", "2031-08-31", "2020-01-15", "2021-08-31", 4%, ${odd}, ${rest})`)).toBeCloseTo(0.07, 13)
    }
  })

  it('accrues interest over quasi-coupon periods', () => {
    const accrued: readonly [string, number][] = [
      ['ACCRINT("2007-03-01", "2008-08-31", "2008-05-01", 0.1, 1000, 2, 0)', 116.94444444444446],
      ['ACCRINT("2007-03-01", "2008-08-31", "2008-05-01", 0.1, 1000, 2, 0, FALSE)', 66.944444444444457],
      ['ACCRINT("2017-01-01", "2017-12-01", "2017-04-01", 0.33, 3000, 4, 1)', 241.12362637362637],
      ['ACCRINT("2017-01-01", "2017-12-01", "2017-04-01", 0.33, 3000, 4, 3, FALSE)', -254.95890410958904],
      ['ACCRINT("2016-06-01", "2017-12-01", "2016-09-01", 0.33, 3000, 2, 1)', 251.55737704918027],
    ]
    for (const [formula, result] of accrued) expect(evaluated(formula)).toBeCloseTo(result, 10)
  })

  it('Treasury bills of more than half a year are compared with bonds', () => {
    expect(evaluated('TBILLEQ("1980-02-15", "1980-08-23", 0.75)')).toBeCloseTo(1.22881817441, 11)
    expect(evaluated('TBILLEQ("1993-02-28", "1994-02-14", 0.25)')).toBeCloseTo(0.311830002241, 11)
    expect(evaluated('TBILLEQ("1980-02-15", "1980-04-29", 0.25)')).toBeCloseTo(0.2672035139092, 11)
  })

  it('coupons at the end of a month stay there', () => {
    expect(evaluated('COUPPCD("2007-12-15", "2008-08-31", 2)')).toBe('2007-08-31')
    expect(evaluated('COUPNCD("2007-12-15", "2008-08-31", 2)')).toBe('2008-02-29')
    expect(evaluated('COUPPCD("2008-05-15", "2010-08-30", 2)')).toBe('2008-02-29')
    expect(evaluated('COUPNCD("2008-05-15", "2010-08-30", 2)')).toBe('2008-08-30')
    expect(evaluated('COUPNUM("2008-02-29", "2009-08-29", 2)')).toBe(3)
  })

  it.each([
    ['PRICE("2020-03-01", "2030-03-01", -0.05, 0.065, 15, 1)', '#NUM!'],
    ['PRICE("2020-03-01", "2030-03-01", 0.05, 0.065, 0, 1)', '#NUM!'],
    ['ODDFPRICE("2020-03-01", "2040-03-15", "2020-01-15", "2021-03-01", 0.075, 0.06, 120, 1, 1)', '#NUM!'],
    ['ODDLPRICE("2020-03-01", "2030-03-01", "2020-03-15", 0.075, 0.06, 120, 1, 1)', '#NUM!'],
    ['COUPNUM("2020-03-01", "2030-03-01", 2, 5)', '#NUM!'],
    ['COUPPCD("0001-01-02", "0001-03-01", 1)', '#NUM!'],
    ['ACCRINT("2008-03-01", "2008-09-01", "2008-05-01", 0.1, 1000, 3, 0)', '#NUM!'],
    ['TBILLPRICE("2008-03-31", "2009-04-01", 9%)', '#NUM!'],
    ['DISC("2008-03-31", "2008-06-31", 97, 100)', '#VALUE!'],
  ])('%s is %s', (formula, error) => {
    expect(evaluated(formula)).toBe(error)
  })

  it('a boolean is no number for what came with the Analysis ToolPak', () => {
    expect(evaluated('EFFECT(TRUE, 4)')).toBe('#VALUE!')
    expect(evaluated('EFFECT(TRUE, 4)', true)).toBe('EFFECT: a number or date is needed here, not boolean')
    expect(evaluated('PMT(TRUE, 1, 100)')).toBe(-200)
  })
})
