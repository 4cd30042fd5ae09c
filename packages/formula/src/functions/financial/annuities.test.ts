import { describe, expect, it } from 'vitest'
import { evaluated } from '../../testing/evaluated.ts'

/** Excel's results, with the digits that it shows. */
describe('level payments', () => {
  it.each<[string, number]>([
    ['PMT(1, 3, 100, 300, 1)', -78.571428571428584],
    ['PMT(0.2, 5, -200, 10, 1.234)', 54.610119687522399],
    ['FV(-3, 5, 100, 300, 1)', 11800],
    ['FV(0.5, 12.5, 100, , 1)', -47371.848574014941],
    ['FV(0.7, -4, 12, 1, 1)', 25.533841788292762],
    ['FV(0.02, 0, 100, 300, 1)', -300],
    ['NPER(1, -114.28571428571429, 100)', 3],
    ['RATE(5, 20, 120, -50, 1, 0)', -0.3356185414527],
    ['RATE(25, -40, -200, 100, 1, 0.15)', -0.2857595837824],
    ['CUMIPMT(0.6, 2.7, 100, 1.3, 2, 1)', -28.70175552692],
    ['CUMIPMT(0.6, 10, 100, 1, 7, 1)', -212.5841471948],
    ['CUMIPMT(0.6, 10, 100, 2.5, 7, 0)', -280.4650587865],
    ['CUMIPMT(0.6, 2, 100, 1, 1.2, 1)', 0],
    ['CUMIPMT(1.5, 10, 150.5, 5, 7, 0)', -668.3045248085],
  ])('%s is %d', (formula, result) => {
    expect(Math.abs((evaluated(formula) as number) - result)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(result)))
  })

  it('interest and what is paid back are the payment, and cumulate', () => {
    for (const type of [0, 1]) {
      let interest = 0
      for (let period = 1; period <= 12; period++) {
        const [i, p] = [evaluated(`IPMT(1%, ${period}, 12, 1000, , ${type})`), evaluated(`PPMT(1%, ${period}, 12, 1000, , ${type})`)]
        expect((i as number) + (p as number)).toBeCloseTo(evaluated(`PMT(1%, 12, 1000, , ${type})`) as number, 12)
        interest += i as number
      }
      expect(evaluated(`CUMIPMT(1%, 12, 1000, 1, 12, ${type})`)).toBeCloseTo(interest, 10)
      expect(evaluated(`CUMPRINC(1%, 12, 1000, 1, 12, ${type})`)).toBeCloseTo(-1000, 10)
    }
  })

  it('a small rate loses no digits over many periods', () => {
    // exp(1e6 log(1 + 1e-10)) = exp(1e-4 - 5e-15).
    expect(evaluated('FV(1e-10, 1000000, 0, -1) - 1')).toBeCloseTo(1.000050001616671e-4, 14)
    expect(evaluated('FV(1e-14, 12, -100)')).toBeCloseTo(1200.000000000066, 11)
  })

  it.each([
    ['PMT(-1, 1, -100)', '#NUM!'],
    ['PMT(-3, 5, 100, 300, 1)', '#NUM!'],
    ['FV(-1, -2, 1)', '#DIV/0!'],
    ['FV(-3, -3.5, 1)', '#NUM!'],
    ['IPMT(10%, 0, 3, 1000)', '#NUM!'],
    ['CUMIPMT(10%, 3, 1000, 1, 4, 0)', '#NUM!'],
    ['CUMIPMT(10%, 3, 1000, 1, 3, 2)', '#NUM!'],
    ['RATE(0, -200, 8000)', '#NUM!'],
    ['RATE(48, -200, 8000, 0, 0, -1)', '#NUM!'],
    ['PMT("HELP", 5, 100)', '#VALUE!'],
    ['FV(1E30, 1E30, 1)', '#NUM!'],
  ])('%s is %s', (formula, error) => {
    expect(evaluated(formula)).toBe(error)
  })
})
