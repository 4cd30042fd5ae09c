import { describe, expect, it } from 'vitest'
import { evaluated } from '../../testing/evaluated.ts'

describe('payments of different amounts', () => {
  it.each<[string, number]>([
    ['IRR({-100,10,10,100}, 0.5)', 0.06886017912484],
    ['IRR({-200,0,10,-10,300})', 0.1077814124169],
    ['IRR({-123,12,15,50,200}, 0.14)', 0.2609523370085],
    ['IRR({2,3,-4})', -0.14921894064178554],
    ['IRR({-20,5,5,5,5,5}, 17)', 0.07930826116414913],
    ['IRR({TRUE,"a",-4,5})', 0.25],
    ['MIRR({-50,25,30}, -0.8, 1)', 0.26491106406735176],
    ['MIRR({-6,-1,-2}, 0.1, 0.2)', -1],
    ['MIRR({-50,25,30}, -12, -0.4)', -0.051316701949486121],
    ['XNPV(0.1, {-20,9,9,9,9,9}, {23,23.67,123.69,400.992,500,500})', 21.816249158321114],
    ['XNPV(0.2, {-55,10,5,5,5,5}, {100,120,300,101,200,150})', -25.944223901397258],
    ['NPV(10%, {1,"a",TRUE,3})', 1 / 1.1 + 3 / 1.21],
  ])('%s is %d', (formula, result) => {
    expect(Math.abs((evaluated(formula) as number) - result)).toBeLessThanOrEqual(1e-11 * Math.max(1, Math.abs(result)))
  })

  it('adds up as Excel does, to the last digit', () => {
    expect(evaluated('NPV(7.9308261160397242E-2, {-20,5,5,5,5,5})')).toBe(6.4212018552224666e-12)
    expect(evaluated('NPV(0.44151844011225272, {-3,-4,12})')).toBe(6.1614086576024777e-16)
  })

  // Excel's own results are exact to about 8 digits here.
  it.each<[string, number]>([
    ['XIRR({-100,10,10,100}, {25659,26341,29334,30405}, 0.5)', 0.015635099262],
    ['XIRR({-20,5,5,5,5,5}, {44958,44986,45017,45078,45108,45139})', 1.1859161972999572],
    ['XIRR({-55,10,5,5,5,5}, {100,120,300,101,200,150})', -0.92719966396689424],
    ['XIRR({105091006,-103250941.8647}, {36626,36646}, -0.1)', -0.2755730099976],
    ['XIRR({206101714.8494,-156650972.5427}, {36950,36981}, -0.1)', -0.9604521892965],
  ])('%s is about %d', (formula, result) => {
    expect(Math.abs((evaluated(formula) as number) - result)).toBeLessThanOrEqual(2e-8)
  })

  it('a root that the guess is far from is found', () => {
    expect(evaluated('IRR({-1,1000000})')).toBeCloseTo(999_999, 6)
    expect(evaluated('IRR({-4,4})')).toBe(0)
    expect(evaluated('IRR({-1000,1})')).toBeCloseTo(-0.999, 12)
    expect(evaluated('IRR({-100,1,1,1,1,1,1,200}, 50)')).toBeCloseTo(evaluated('IRR({-100,1,1,1,1,1,1,200})') as number, 12)
  })

  it.each([
    ['IRR({1,2,3})', '#NUM!'],
    ['IRR({-20,5,5,5,5,5}, -1)', '#VALUE!'],
    ['IRR({-1,3,-2.3})', '#NUM!'],
    ['MIRR({5,6}, 0.1, 0.2)', '#DIV/0!'],
    ['MIRR({-50,25,30}, 0.5, -12)', '#NUM!'],
    ['XNPV(0.1, {-20,5,5,5,5}, {1,2,3,4,5,6})', '#NUM!'],
    ['XNPV(0.1, {-70,"hello"}, {1,2})', '#NUM!'],
    ['XIRR({-70,"hello"}, {1,2})', '#VALUE!'],
    ['XIRR({-70,TRUE}, {1,2})', '#VALUE!'],
    ['XIRR({-20,8}, {-100,1})', '#NUM!'],
    ['XIRR({-1000,230,200,125,200,10}, {1,2,3,4,5,6})', '#NUM!'],
    ['XNPV(0.1, {-1,#DIV/0!}, {1,2})', '#DIV/0!'],
    ['NPV(-1, 1)', '#DIV/0!'],
  ])('%s is %s', (formula, error) => {
    expect(evaluated(formula)).toBe(error)
  })
})
