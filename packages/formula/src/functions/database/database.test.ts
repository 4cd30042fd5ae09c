import { describe, expect, it } from 'vitest'
import { calculated } from '../../testing/shown.ts'

const TREES =
  '{"Tree","Height","Age","Yield","Profit";"Apple",18,20,14,105;"Pear",12,12,10,96;"Cherry",13,14,9,105;"Apple",14,15,10,75;"Pear",9,8,8,77;"Apple",8,9,6,45}'

/** Calls over the trees of Excel's own examples, `D` the database. */
function table(rows: readonly (readonly [formula: string, result: string])[]): void {
  it.each(rows)('%s is %s', (formula, result) => {
    expect(calculated(`=LET(D, ${TREES}, ${formula})`)).toEqual({ cells: calculated(`=${result}`).cells, problems: [] })
  })
}

describe("database functions: Excel's examples", () => {
  const between = '{"Tree","Height","Height";"=Apple",">10","<16"}'
  const either = 'VSTACK({"Tree","Height"}, HSTACK("=Apple", ">10"), HSTACK("=Pear", [@blank]))'
  const both = '{"Tree";"=Apple";"=Pear"}'
  const apples = '{"Tree";"=Apple"}'
  table([
    [`DCOUNT(D, "Age", ${between})`, '1'],
    [`DCOUNTA(D, "Profit", ${between})`, '1'],
    [`DMAX(D, "Profit", ${either})`, '105'],
    [`DMIN(D, "Profit", {"Tree","Height";"=Apple",">10"})`, '75'],
    [`DSUM(D, "Profit", ${apples})`, '225'],
    [`DSUM(D, "Profit", {"Tree","Height","Height";"=Apple",">10","<16"})`, '75'],
    [`DPRODUCT(D, "Yield", {"Tree","Height";"=Apple",">10"})`, '140'],
    [`DAVERAGE(D, "Yield", {"Tree","Height";"=Apple",">10"})`, '12'],
    ['DAVERAGE(D, 3, {"Tree";"*"})', '13'],
    [`DSTDEV(D, "Yield", ${both})`, '2.96647939483827'],
    [`ROUND(DSTDEVP(D, "Yield", ${both}), 12)`, '2.653299832284'],
    [`DVAR(D, "Yield", ${both})`, '8.8'],
    [`DVARP(D, "Yield", ${both})`, '7.04'],
    [`DGET(D, "Yield", ${apples})`, '#NUM!'],
    [`DGET(D, "Yield", {"Height";18})`, '14'],
    [`DGET(D, "Tree", {"Height";99})`, '#VALUE!'],
  ])
})

describe('fields and criteria', () => {
  table([
    ['DCOUNT(D, , {"Tree";"Pear"})', '2'],
    ['DCOUNT(D, "TREE", {"Tree";"Pear"})', '0'],
    ['DCOUNTA(D, "TREE", {"Tree";"p"})', '2'],
    ['DSUM(D, , {"Tree";"Pear"})', '#VALUE!'],
    ['DSUM(D, 6, {"Tree";"Pear"})', '#VALUE!'],
    ['DSUM(D, 0, {"Tree";"Pear"})', '#VALUE!'],
    ['DSUM(D, "Age", {"Tree";"App"})', '44'],
    ['DSUM(D, "Age", {"Tree";"=App"})', '0'],
    ['DSUM(D, "Age", {"Tree";"<>Apple"})', '34'],
    ['DSUM(D, "Age", {"Tree";"*rr*"})', '14'],
    ['DSUM(D, "Age", VSTACK("Tree", [@blank]))', '78'],
    ['DSUM(D, "Age", {"Tree"})', '0'],
    ['DSUM(D, "Age", {"Other";TRUE})', '78'],
    ['DSUM(D, "Age", {"Other";"x"})', '0'],
    ['DSUM(D, "Age", {"Tree";#N/A})', '#N/A'],
    ['DMAX(D, "Age", {"Tree";"Oak"})', '0'],
    ['DAVERAGE(D, "Age", {"Tree";"Oak"})', '#DIV/0!'],
    ['DSUM({"a";0.1;0.2}, 1, {"a";">0"})', '0.3'],
    ['DSUM({"a";1;#REF!}, 1, {"a";">0"})', '1'],
    ['DSUM({"a","b";1,#REF!}, 2, {"a";1})', '#REF!'],
    ['DCOUNT({"a","b";1,#REF!}, 2, {"a";1})', '0'],
    ['DCOUNTA({"a","b";1,#REF!}, 2, {"a";1})', '1'],
  ])
})
