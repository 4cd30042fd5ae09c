import { describe, expect, it } from 'vitest'
import { calculate } from '../calculator/calculate.ts'
import { FUNCTIONS } from '../functions/catalogue.ts'
import { takesArrays } from '../functions/definition.ts'
import { SHOP } from '../testing/shop.ts'
import { refusalOf } from './refused.ts'

describe('functions of Excel that have no meaning for live tables', () => {
  it.each([
    ['=OFFSET([@total], 1, 0)', /no place/, /XLOOKUP/],
    ['=INDIRECT("shop!orders[total]")', /known before it runs/, /t\[x\]/],
    ['=RAND()', /the same whenever/, /the source/],
    ['=RANDBETWEEN(1, 6)', /the same whenever/, /the source/],
    ['=RANDARRAY(2)', /the same whenever/, /the source/],
    ['=CELL("address", [@total])', /no cells/, /\[@x\]/],
    ['=ROW()', /no place/, /\[@id\]/],
    ['=COLUMN()', /no numbers/, /\[@x\]/],
    ['=ADDRESS(1, 1)', /no cells/, /\[@x\]/],
    ['=AREAS([total])', /no cells/, /t\[x\]/],
    ['=TRIMRANGE([total])', /no cells/, /leave it out/],
    ['=ISFORMULA([@total])', /no cells/, /leave it out/],
    ['=FORMULATEXT([@total])', /no cells/, /file of the sheet/],
    ['=SHEET()', /have names/, /name as a text/],
    ['=INFO("osversion")', /every machine/, /leave it out/],
    ['=HYPERLINK("https://example.com")', /no link/, /as a text/],
    ['=GETPIVOTDATA("total", [@id])', /no pivot tables/, /SUMIFS/],
    ['=CUBEVALUE("c", "m")', /nothing outside/, /SUMIFS/],
    ['=WEBSERVICE("https://example.com")', /nothing outside/, /table of the source/],
    ['=FORECAST.ETS(13, shop!orders[total], shop!orders[id])', /says nowhere/, /FORECAST\.LINEAR/],
    ['=FORECAST.ETS.CONFINT(13, shop!orders[total], shop!orders[id])', /says nowhere/, /FORECAST\.LINEAR/],
    ['=FORECAST.ETS.SEASONALITY(shop!orders[total], shop!orders[id])', /says nowhere/, /FORECAST\.LINEAR/],
    ['=FORECAST.ETS.STAT(shop!orders[total], shop!orders[id], 8)', /says nowhere/, /FORECAST\.LINEAR/],
    ['=EVALUATE("1+1")', /known before it runs/, /formula itself/],
  ])('%s is refused with why and what to write instead', (formula, why, fix) => {
    const [first, ...others] = calculate(formula, SHOP).diagnostics
    expect(first).toMatchObject({
      code: 'formula/not-allowed',
      severity: 'error',
      message: expect.stringContaining('cannot be used in a sheet') as string,
    })
    expect(first?.why).toMatch(why)
    expect(first?.fix).toMatch(fix)
    expect(formula.slice(first?.range.start, first?.range.end)).toBe(/^=([A-Z.]+)/.exec(formula)?.[1])
    expect(others).toEqual([])
  })

  it('a function that works is among them only if it takes arrays: it is refused over tables', () => {
    const refused = FUNCTIONS.filter((one) => refusalOf(one.name) !== undefined)
    expect(refused.filter((one) => !one.params.some((param) => takesArrays(param))).map((one) => one.name)).toEqual([])
  })
})
