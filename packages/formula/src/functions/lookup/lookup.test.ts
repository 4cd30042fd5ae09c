import { describe, expect, it } from 'vitest'
import { calculate } from '../../calculator/calculate.ts'
import { calculated } from '../../testing/shown.ts'
import { EXAMPLE_SHEET } from '../example-sheet.ts'

/** Formulas beside what they give, written as formulas. */
function table(rows: readonly (readonly [formula: string, result: string])[]): void {
  it.each(rows)('%s is %s', (formula, result) => {
    expect(calculated(`=${formula}`)).toEqual({ cells: calculated(`=${result}`).cells, problems: [] })
  })
}

describe('finding in a line', () => {
  describe('XMATCH: every mode of matching and searching', () => {
    table([
      ['XMATCH(2, {2,1,2})', '1'],
      ['XMATCH(2, {2,1,2}, 0, -1)', '3'],
      ['XMATCH("B", {"a","b"})', '2'],
      ['XMATCH(4, {5,1,3,9}, -1)', '3'],
      ['XMATCH(4, {5,1,3,9}, 1)', '1'],
      ['XMATCH(0, {5,1,3,9}, -1)', '#N/A'],
      ['XMATCH(10, {5,1,3,9}, 1)', '#N/A'],
      ['XMATCH(4, {3,1,3}, -1)', '1'],
      ['XMATCH(4, {3,1,3}, -1, -1)', '3'],
      ['XMATCH("b?", {"abc","Bx"}, 2)', '2'],
      ['XMATCH("~*", {"a","*"}, 2)', '2'],
      ['XMATCH("*", {1,"x"}, 2)', '2'],
      ['XMATCH("b?", {"abc","Bx"})', '#N/A'],
      ['XMATCH(3, {1,2,3,4,5}, 0, 2)', '3'],
      ['XMATCH(3, {5,4,3,2,1}, 0, -2)', '3'],
      ['XMATCH(3.5, {1,2,3,4,5}, -1, 2)', '3'],
      ['XMATCH(3.5, {1,2,3,4,5}, 1, 2)', '4'],
      ['XMATCH(3.5, {5,4,3,2,1}, -1, -2)', '3'],
      ['XMATCH(3.5, {5,4,3,2,1}, 1, -2)', '2'],
      ['XMATCH(0, {1,2}, -1, 2)', '#N/A'],
      ['XMATCH("a*", {"ab"}, 2, 2)', '#VALUE!'],
      ['XMATCH(1, {1,2}, 5)', '#VALUE!'],
      ['XMATCH(1, {1,2}, 0, 0)', '#VALUE!'],
      ['XMATCH(1, {1,2}, , )', '1'],
      ['XMATCH(1, {1,2;3,4})', '#VALUE!'],
      ['XMATCH({2,9}, {1,2})', '{2,#N/A}'],
    ])
  })

  describe('a value is found among values of its own kind only', () => {
    table([
      ['XMATCH("1", {1,"1"})', '2'],
      ['XMATCH(TRUE, {1,TRUE})', '2'],
      ['XMATCH("a", {1,2}, -1)', '#N/A'],
      ['MATCH("b", {1,"a",2,"c"})', '2'],
      ['XMATCH(2, {#N/A,2})', '2'],
      ['XMATCH(0.3, {0.1,0.3})', '2'],
      ['XMATCH([@date], {1,2})', '#N/A'],
      ['XMATCH([@date], VSTACK([@date], 2))', '1'],
    ])
  })

  describe('MATCH', () => {
    table([
      ['MATCH(39, {25,38,40,41})', '2'],
      ['MATCH(41, {25,38,40,41}, 0)', '4'],
      ['MATCH(40, {41,40,38}, -1)', '2'],
      ['MATCH(39, {41,40,38}, -1)', '2'],
      ['MATCH(42, {41,40,38}, -1)', '#N/A'],
      ['MATCH(2, {1,2,2,2,3})', '4'],
      ['MATCH("a*", {"b","ab"}, 0)', '2'],
      ['MATCH(1, {1,2;3,4}, 0)', '#N/A'],
      ['MATCH(#REF!, {1,2}, 0)', '#REF!'],
    ])
  })

  describe('LOOKUP, VLOOKUP, HLOOKUP', () => {
    table([
      ['LOOKUP(4.19, {4.14;4.19;5.17}, {"red";"orange";"blue"})', '"orange"'],
      ['LOOKUP(7.66, {4.14;4.19;5.17}, {"red";"orange";"blue"})', '"blue"'],
      ['LOOKUP(0, {4.14;4.19}, {"red";"orange"})', '#N/A'],
      ['LOOKUP("C", {"a","b","c","d";1,2,3,4})', '3'],
      ['LOOKUP("bump", {"a",1;"b",2;"c",3})', '2'],
      ['LOOKUP(3, {1;2;3}, {"a";"b"})', '#N/A'],
      ['VLOOKUP("B*", {"a",1;"bc",2}, 2, FALSE)', '2'],
      ['VLOOKUP(1, {1,2}, 0)', '#VALUE!'],
      ['VLOOKUP(1, {1,2}, 3)', '#REF!'],
      ['VLOOKUP(1, {1,2}, 2,)', '2'],
      ['VLOOKUP(0, {1,2}, 2)', '#N/A'],
      ['VLOOKUP({1,2}, {1,"a";2,"b"}, 2)', '{"a","b"}'],
      ['HLOOKUP("Axles", {"Axles","Bolts";4,9;5,10}, 2)', '4'],
      ['HLOOKUP("B", {"Axles","Bolts";5,9}, 2)', '5'],
      ['HLOOKUP(3, {1,2,3;"a","b","c"}, 2, TRUE)', '"c"'],
    ])
  })

  describe('XLOOKUP gives rows and columns', () => {
    table([
      ['XLOOKUP(2, {1;2}, {"a","b";"c","d"})', '{"c","d"}'],
      ['XLOOKUP(2, {1,2}, {"a","b";"c","d"})', '{"b";"d"}'],
      ['XLOOKUP({1;2}, {1;2}, {"a";"b"})', '{"a";"b"}'],
      ['XLOOKUP(9, {1;2}, {"a";"b"}, 0)', '0'],
      ['XLOOKUP(9, {1;2}, {"a";"b"}, , 0)', '#N/A'],
      ['XLOOKUP(9, {1;2}, {"a";"b"}, #DIV/0!)', '#DIV/0!'],
      ['XLOOKUP(1.5, {1;2}, {"a";"b"}, , 1)', '"b"'],
      ['XLOOKUP(1, {1;2}, {"a";"b";"c"})', '#VALUE!'],
      ['XLOOKUP("*", {1;"x"}, {"a";"b"}, , 2)', '"b"'],
      ['XLOOKUP(25, items[amount], items[kind], , -1)', '"A"'],
      ['SUM(XLOOKUP(2, {1;2}, {1,2;3,4}))', '7'],
    ])
  })
})

describe('parts of arrays', () => {
  table([
    ['INDEX({1,2;3,4}, 0, 0)', '{1,2;3,4}'],
    ['INDEX({1,2;3,4}, 2)', '{3,4}'],
    ['INDEX({1;2}, 2, 1)', '2'],
    ['INDEX({1,2}, 1, 2)', '2'],
    ['INDEX({1,2}, 2, 1)', '#REF!'],
    ['INDEX({1,2}, -1)', '#VALUE!'],
    ['INDEX({1,2}, 1, 1, 2)', '#REF!'],
    ['INDEX({10,20,30}, {3,1})', '{30,10}'],
    ['INDEX({1,#N/A}, 2)', '#N/A'],
    ['INDEX(items[kind], MATCH(30, items[amount]))', '"A"'],
    ['SUM(INDEX({1,2;3,4}, , 2))', '6'],
    ['TAKE({1,2;3,4}, 9, -9)', '{1,2;3,4}'],
    ['TAKE({1,2;3,4}, -1)', '{3,4}'],
    ['TAKE({1,2}, 0)', '#CALC!'],
    ['DROP({1,2;3,4}, , 1)', '{2;4}'],
    ['DROP({1,2;3,4}, -1)', '{1,2}'],
    ['DROP({1,2}, , 5)', '#CALC!'],
    ['CHOOSEROWS({1;2;3}, {1;3}, -1)', '{1;3;3}'],
    ['CHOOSECOLS({1,2;3,4}, 0)', '#VALUE!'],
    ['CHOOSECOLS({1,2;3,4}, {2,1,2})', '{2,1,2;4,3,4}'],
    ['CHOOSE(2, {1,2}, {3,4,5})', '{3,4,5}'],
    ['CHOOSE({1,2}, {1;2}, {"a";"b"})', '{1,"a";2,"b"}'],
    ['CHOOSE(1.9, "a", "b")', '"a"'],
    ['CHOOSE(3, "a", "b")', '#VALUE!'],
    ['CHOOSE(#N/A, "a")', '#N/A'],
    ['COLUMNS(TAKE({1,2,3}, , 2))', '2'],
    ['ROWS({1,2;3,4})', '2'],
    ['TRIMRANGE(HSTACK([@blank], 1, [@blank]), , 1)', 'HSTACK(1, [@blank])'],
  ])
})

describe('order', () => {
  table([
    ['SORT({TRUE;"b";2;#N/A;"A";FALSE;-1;#DIV/0!})', '{-1;2;"A";"b";FALSE;TRUE;#DIV/0!;#N/A}'],
    ['SORT({TRUE;"b";2;#N/A;"A"}, , -1)', '{#N/A;TRUE;"b";"A";2}'],
    ['SORT(VSTACK(2, [@blank], 1))', 'VSTACK(1, 2, [@blank])'],
    ['SORT(VSTACK(2, [@blank], 1), 1, -1)', 'VSTACK(2, 1, [@blank])'],
    ['SORT({1,"b";2,"a";1,"a"}, {1,2}, {-1,1})', '{2,"a";1,"a";1,"b"}'],
    ['SORT({"hola";"HOLA";"Hola"})', '{"hola";"HOLA";"Hola"}'],
    ['SORT({1;2}, 2)', '#VALUE!'],
    ['SORT({1;2}, 1, 0)', '#VALUE!'],
    ['SORTBY({1;2;3}, {"c";"a";"b"}, -1)', '{1;3;2}'],
    ['SORTBY({1,2,3}, {3,1,2})', '{2,3,1}'],
    ['SORTBY({1;2}, {1;2;3})', '#VALUE!'],
    ['SORTBY({1;2}, {1;2}, 2)', '#VALUE!'],
    ['SORTBY(items[kind], items[amount], -1)', '{"b";"A";"a"}'],
    ['UNIQUE({1,"a";1,"A";2,"a"})', '{1,"a";2,"a"}'],
    ['UNIQUE({#N/A;#N/A;"1";1})', '{#N/A;"1";1}'],
    ['UNIQUE({1,1,2}, TRUE)', '{1,2}'],
    ['FILTER({1,2,3}, {1,0,2})', '{1,3}'],
    ['FILTER({1,"a";2,"b"}, {0;1})', '{2,"b"}'],
    ['FILTER({1;2}, {1;"x"})', '#VALUE!'],
    ['FILTER({1;2}, {1;#N/A})', '#N/A'],
    ['FILTER({1;2}, {1;1;1})', '#VALUE!'],
    ['FILTER(items[kind], items[amount]>15)', '{"A";"b"}'],
  ])
})

describe('shape', () => {
  table([
    ['VSTACK({1;2}, {"a","b"})', '{1,#N/A;2,#N/A;"a","b"}'],
    ['VSTACK(1, 1/0, FILTER({1;2}, {0;0}))', '{1;#DIV/0!;#CALC!}'],
    ['HSTACK({1;2}, 3, {4;5})', '{1,3,4;2,#N/A,5}'],
    ['TOCOL({1,#N/A;"a",2}, 2, TRUE)', '{1;"a";2}'],
    ['TOROW({1;2}, -1)', '#VALUE!'],
    ['WRAPROWS({1;2;3}, 2, "-")', '{1,2;3,"-"}'],
    ['WRAPCOLS({1,2,3}, 9999999)', '{1;2;3}'],
    ['EXPAND({1}, 2, 2, 0)', '{1,0;0,0}'],
    ['EXPAND({1,2}, 1, 1)', '#VALUE!'],
    ['EXPAND({1}, 99999, 99999)', '#NUM!'],
    ['TRANSPOSE({1,"a"})', '{1;"a"}'],
  ])
})

describe('in a sheet', () => {
  const { dynamic: _, ...sheet } = EXAMPLE_SHEET

  it.each([
    ['=INDEX({"small","large"}, [@quantity]-3)', 'small'],
    ['=INDEX({1,2;3,4}, 2, [@quantity]-2)', 4],
    ['=XLOOKUP([@name], {"anna","bob"}, {1,2})', 1],
    ['=VLOOKUP([@quantity], {0,1;3,2;9,3}, 2)', 2],
    ['=SUM(TAKE({1,2,3}, , 2))', 3],
    ['=MATCH("ANNA", {"bob","anna"}, 0)', 2],
    ['=CHOOSE([@quantity]-2, "a", "b")', 'b'],
  ])('%s is one value', (formula, value) => {
    expect(calculate(formula, sheet)).toMatchObject({ value, diagnostics: [] })
  })

  it.each([
    ['=INDEX(items[kind], 1)', 'INDEX', /no place/],
    ['=MATCH(1, items[id], 0)', 'MATCH', /no place/],
    ['=VLOOKUP(1, items[id], 1)', 'VLOOKUP', /counts columns/],
    ['=ROWS(SORT(items[id]))', 'SORT', /./],
  ])('%s is refused over tables, with what to write', (formula, name, why) => {
    const [first] = calculate(formula, sheet).diagnostics
    expect(first).toMatchObject({ code: 'formula/not-allowed', message: `${name} cannot be used in a sheet over tables` })
    expect(first?.fix).toBeTruthy()
    expect(first?.why).toMatch(why)
  })

  it('an array in a column is refused', () => {
    expect(calculate('=INDEX({1,2;3,4}, 1)', sheet).diagnostics).toMatchObject([{ code: 'formula/type' }])
  })

  it('INDEX that picks a whole row only when it is run is #VALUE!, not its first cell', () => {
    expect(calculate('=INDEX({1,2;3,4}, [@blank], 2)', sheet).value).toMatchObject({ kind: '#VALUE!' })
  })
})
