import { describe, expect, it } from 'vitest'
import { calculate } from '../calculator/calculate.ts'
import { EXAMPLE_SHEET } from '../functions/example-sheet.ts'

/** `items[kind]` is a, A and b; `items[note]` is x, Blank and y. */
describe('criteria', () => {
  it.each([
    ['a pattern that the formula writes', '=COUNTIFS(items[kind], IF([@id]=7, "a*", "b"))', 2],
    ['the same by a name', '=LET(p, IF([@id]=7, "a*", "b"), COUNTIFS(items[kind], p))', 2],
    ['by a name of a name', '=LET(p, IF([@id]=7, "a*", "b"), q, p&"", COUNTIFS(items[kind], q))', 2],
    ['by a parameter', '=LAMBDA(p, COUNTIFS(items[kind], p))(IF([@id]=7, "a*", "b"))', 2],
    ['by a name of a name that hides it', '=LET(p, IF([@id]=7, "a*", "b"), q, p&"", p, [@name], COUNTIFS(items[kind], q))', 2],
    ['by a name that hides another', '=LET(p, IF([@id]=7, "*", "b"), p, [@name]&"", COUNTIFS(items[kind], p))', 0],
    ['by a parameter that is given a name', '=LET(f, LAMBDA(c, COUNTIFS(items[kind], c)), p, IF([@id]=7, "a*", "b"), f(p))', 2],
    ['by a parameter that hides the name', '=LET(p, IF([@id]=7, "a*", "b"), LAMBDA(p, COUNTIFS(items[kind], p&""))(p&""))', 2],
    ['put together of an array', '=COUNTIFS(items[kind], REDUCE("", {"a"}, LAMBDA(text, part, part&"*")))', 2],
    ['what a table answers is compared as it stands', '=COUNTIFS(items[kind], MINIFS(items[kind], items[note], "<>")&"")', 2],
    ['"="& Blank asks for Blank', '=COUNTIFS(items[note], "="&[@blank])', 1],
    ['Blank alone asks for 0', '=COUNTIFS(items[note], [@blank])', 0],
    ['"<>"& Blank asks for all else', '=COUNTIFS(items[note], "<>"&[@blank])', 2],
    ['"="& the empty text asks for Blank', '=COUNTIFS(items[note], "="&LEFT([@name], 0))', 1],
  ])('%s: %s', (_, formula, wanted) => {
    expect(calculate(formula, EXAMPLE_SHEET)).toMatchObject({ value: wanted, diagnostics: [] })
  })

  it('what stands behind a name is looked at once, however often the name is read', () => {
    const names = Array.from({ length: 60 }, (_, i) => `n${i}_, ${i === 0 ? '[@name]' : `LEFT(n${i - 1}_&n${i - 1}_, 1)`}`)
    const formula = `=LET(${names.join(', ')}, COUNTIFS(items[kind], n59_&""))`
    expect(calculate(formula, EXAMPLE_SHEET)).toMatchObject({ value: 2, diagnostics: [] })
  })
})
