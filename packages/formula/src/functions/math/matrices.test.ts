import { describe, expect, it } from 'vitest'
import { inCalculator } from '../../testing/result-text.ts'

describe('matrices', () => {
  it.each([
    ['=MDETERM({1,3,8,5;1,3,6,1;1,1,1,0;7,3,10,2})', '88'],
    ['=MDETERM({3,6,1;1,1,0;3,10,2})', '1'],
    ['=MDETERM({0.1,0.2;0.3,0.4})', '-0.02'],
    ['=MDETERM(5)', '5'],
    ['=MDETERM({1,"a";2,3})', '#VALUE!'],
    ['=MDETERM({1,#N/A;2,3})', '#N/A'],
    ['=MDETERM(MUNIT(17))', '1'],
    ['=MINVERSE({1,2,1;3,4,-1;0,2,0})', '{0.25,0.25,-0.75;0,0,0.5;0.75,-0.25,-0.25}'],
    ['=MINVERSE({0.1,0;0,0.3})', '{10,0;0,3.33333333333333}'],
    ['=MINVERSE({1,2;2,4})', '#NUM!'],
    ['=MINVERSE({1,2})', '#VALUE!'],
    ['=SUM(MINVERSE(MUNIT(20)*4))', '5'],
    ['=MMULT({1,2;3,4}, {5;6})', '{17;39}'],
    ['=MMULT({0.1,0.2}, {3;3})', '{0.9}'],
    ['=MMULT({1,"a"}, {1;2})', '#VALUE!'],
    ['=MMULT(SEQUENCE(1000), SEQUENCE(1, 1001))', '#NUM!'],
    ['=MMULT(SEQUENCE(300,300), SEQUENCE(300,300))', '#NUM!'],
    ['=MUNIT(3)', '{1,0,0;0,1,0;0,0,1}'],
    ['=MUNIT(0)', '#VALUE!'],
    ['=MUNIT(1001)', '#NUM!'],
    ['=MDETERM(SEQUENCE(401, 401))', '#NUM!'],
  ])('%s is %s', (formula, result) => {
    expect(inCalculator(formula)).toBe(result)
  })
})
