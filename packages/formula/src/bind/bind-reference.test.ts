import { describe, expect, it } from 'vitest'
import { calculate } from '../calculator/calculate.ts'
import type { PlainTable } from '../calculator/plain-table.ts'
import { parseFormula } from '../syntax/parse.ts'
import { calculated } from '../testing/shown.ts'

describe('where whole tables are arrays', () => {
  it.each(['=items[#Headers]', '=ROWS(items[#Totals])', '=items[[#Headers],[#Data]]'])(
    '%s is refused: it was the rows, as if it were #Data',
    (formula) => {
      expect(calculated(formula).problems).toEqual([expect.stringMatching(/live tables have no #(Headers|Totals)/)])
    },
  )

  it.each(['=items[]', '=items[#Data]', '=items[#All]'])('%s is the rows', (formula) => {
    expect(calculated(formula).cells).toHaveLength(3)
  })
})

describe('names of columns in advice', () => {
  const table: PlainTable = {
    id: 't',
    key: [0],
    columns: ["it's", 'x[1]', '#nr', '@q', 'a b'].map((name) => ({ name, type: { type: 'int' }, nullable: false })),
    rows: [[1, 2, 3, 4, 5]],
  }
  const fixes = (formula: string): readonly (string | undefined)[] =>
    calculate(formula, { tables: [table], row: table, today: 0, timeZone: 'UTC' }).diagnostics.map((one) => one.fix)

  it('are written with the escapes that a formula needs, so that the advice can be followed', () => {
    expect(fixes("=[@[it's]]")).toEqual(["did you mean [it''s]?"])
    expect(fixes('=[@nothing]')).toEqual(["its columns are [it''s], [x'[1']], ['#nr], ['@q], [a b]"])
    expect(fixes("=['#nr]")).toEqual(["write [@['#nr]] for the value in this row"])
    expect(fixes('=[a b]')).toEqual(['write [@[a b]] for the value in this row'])
    for (const written of ["[@[it''s]]", "[@[x'[1']]]", "[@['#nr]]", "[@['@q]]", '[@[a b]]'])
      expect(parseFormula(`=${written}`).diagnostics).toEqual([])
  })
})
