import { describe, expect, it } from 'vitest'
import { calculate } from '../calculator/calculate.ts'
import { EXAMPLE_SHEET } from '../functions/example-sheet.ts'

const { dynamic: _, ...SHEET } = EXAMPLE_SHEET

describe('a parameter in brackets may be left out', () => {
  it.each([
    ['=LAMBDA(x,[y],IF(ISOMITTED(y),x,x+y))(3)', 3],
    ['=LAMBDA(x,[y],IF(ISOMITTED(y),x,x+y))(3,)', 3],
    ['=LAMBDA(x,[y],IF(ISOMITTED(y),x,x+y))(3,4)', 7],
    ['=LAMBDA(x,[y],x+y)(3)', 3],
    ['=LET(f,LAMBDA([y],ISOMITTED(y)),g,LAMBDA([z],f(z)),g())', true],
    ['=SUM(MAP({1,2},LAMBDA(x,[y],IF(ISOMITTED(y),x,99))))', 3],
    ['=ISOMITTED(1)', false],
    ['=ISOMITTED([@blank])', false],
  ])('%s', (formula, wanted) => {
    const { value, diagnostics } = calculate(formula, SHEET)
    expect(diagnostics).toEqual([])
    expect(value).toBe(wanted)
  })

  it.each([
    ['=LAMBDA(x,[y],x)()', /takes 1 to 2 arguments and has 0/, 'LAMBDA(x, [y])'],
    ['=LAMBDA(x,[y],x)(1,2,3)', /takes 1 to 2 arguments and has 3/, 'LAMBDA(x, [y])'],
    ['=LAMBDA(x,[x],x)(1)', /there twice/, undefined],
    ['=LAMBDA(x,t[y],x)(1)', /a name is needed/, 'names begin with a letter and hold letters, digits and _'],
  ])('%s is refused', (formula, message, fix) => {
    const [first] = calculate(formula, SHEET).diagnostics
    expect(first?.message).toMatch(message)
    expect(first?.fix).toBe(fix)
  })
})

describe('a function', () => {
  it('may be called on what it gives as often as one likes: that is no recursion', () => {
    const { value, diagnostics } = calculate(`=LET(f,LAMBDA(x,x+1),${'f('.repeat(60)}1${')'.repeat(60)})`, SHEET)
    expect(diagnostics).toEqual([])
    expect(value).toBe(61)
  })

  it.each(['=LAMBDA(f,f(f))(LAMBDA(f,f(f)))', '=LAMBDA(f,f(f)+f(f))(LAMBDA(f,f(f)+f(f)))', '=LAMBDA(f,f(f(f)))(LAMBDA(f,f(f(f))))'])(
    'that calls itself is refused, once: %s',
    (formula) => {
      const messages = calculate(formula, SHEET).diagnostics.map((one) => one.message)
      expect(messages.filter((one) => one.includes('calls itself'))).toHaveLength(1)
    },
  )
})
