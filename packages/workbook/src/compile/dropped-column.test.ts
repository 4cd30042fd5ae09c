import { isLost } from '@sheetflow/formula/bind/dropped'
import { describe, expect, it } from 'vitest'
import { compileDeployment, makeDeployment } from '../deployment.ts'
import { lint } from '../lint.ts'
import { ordersWith, TABLES } from '../testing/shop.ts'
import { compileGraph } from './compile-graph.ts'
import type { CompileOutput } from './input.ts'

const FILES = {
  'w/workbook.yaml': 'values:\n  TOTAL: =SUM(shop!orders[total])\n  COUNTED: =ROWS(shop!orders)\nuser: {id: int}\n',
  'w/s.sheet.yaml': `rows: =shop!orders
keep: [total, status]
columns:
  gross: =[@total]*2
  upper: =UPPER([@status])
  both: =[@gross]&[@upper]
  safe: =IFERROR([@gross], 0)
  share: =[@id]/TOTAL
  free: =[@id]+COUNTED
cost: {accept: whole-table, every: 5s}
`,
  'w/t.sheet.yaml': `rows: =s
keep: [total, upper]
columns:
  twice: =[@total]*2
  sum: =SUM(s[gross])
  found: =XLOOKUP([@id], s[id], s[gross])
  paid: =SUMIFS(s[total], s[id], [@id])
  long: =LEN([@upper])
  list: =FILTER(s, AND(s[id]=[@id], s[gross]>1))
cost: {accept: whole-table, every: 5s}
`,
}
const { ids } = compileGraph({ files: FILES, tables: TABLES })
const WITHOUT_TOTAL = new Map([...TABLES, ['shop!public.orders', ordersWith((columns) => columns.filter(([name]) => name !== 'total'))]])

function compiled(files: Readonly<Record<string, string>> = FILES): CompileOutput {
  return compileGraph({ files, tables: WITHOUT_TOTAL, ids: compileGraph({ files, tables: TABLES }).ids })
}

/** Columns of a sheet that are an error in every row. */
function lost(view: string): string[] {
  const sheet = compiled().graph?.sheets.find((one) => one.view === view)
  return sheet?.columns.flatMap(({ name, formula }) => (formula !== undefined && isLost(formula) ? [name] : [])) ?? []
}

describe('a column that the source drops', () => {
  it('was read without a word before', () => {
    expect(compileGraph({ files: FILES, tables: TABLES }).diagnostics).toEqual([])
  })

  it('leaves the graph running, whatever types the formulas need', () => {
    const { graph, diagnostics } = compiled()
    expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([])
    expect(graph).not.toBeNull()
  })

  it('hides nothing else that is wrong in its formula', () => {
    const files = {
      'w/s.sheet.yaml':
        'rows: =shop!orders\ncolumns:\n  n: =SUMIFS(shop!orders[id], shop!orders[total], 1, shop!orders[id], SUM(shop!orders[nope]))\n',
    }
    const tables = WITHOUT_TOTAL
    const { diagnostics } = compileGraph({ files, tables, ids })
    expect(diagnostics.filter((one) => one.severity === 'error').map((one) => one.message)).toEqual([expect.stringContaining('nope')])
  })

  it('is #REF! in exactly the formulas that depend on it, over sheets and named values', () => {
    expect(lost('w.s')).toEqual(['gross', 'both', 'share', 'total'])
    expect(lost('w.t')).toEqual(['twice', 'sum', 'found', 'paid', 'total'])
    expect(lost('w.w_values')).toEqual(['TOTAL'])
  })

  it('is named by a warning at each of them, with what to do', () => {
    const found = lint(FILES, WITHOUT_TOTAL, { ids })
    const places = found.map((one) => `${one.file}:${one.line} ${one.message}`)
    expect(places).toEqual([
      'w/s.sheet.yaml:2 shop!orders has no column "total" any more: this is #REF!',
      'w/s.sheet.yaml:4 s has no column "total" any more: this is #REF!',
      'w/s.sheet.yaml:6 s[gross] is #REF!: it reads a column that is gone',
      'w/s.sheet.yaml:7 s[gross] is #REF!: it reads a column that is gone',
      'w/s.sheet.yaml:8 TOTAL is #REF!: it reads a column that is gone',
      'w/t.sheet.yaml:2 s[total] is #REF!: it reads a column that is gone',
      'w/t.sheet.yaml:4 t[total] is #REF!: it reads a column that is gone',
      'w/t.sheet.yaml:5 s[gross] is #REF!: it reads a column that is gone',
      'w/t.sheet.yaml:6 s[gross] is #REF!: it reads a column that is gone',
      'w/t.sheet.yaml:7 s[total] is #REF!: it reads a column that is gone',
      'w/t.sheet.yaml:9 s[gross] is #REF!: it reads a column that is gone',
      'w/workbook.yaml:2 shop!orders has no column "total" any more: this is #REF!',
    ])
    for (const one of found)
      expect(one).toMatchObject({ code: 'formula/unknown-name', severity: 'warning', fix: expect.stringMatching(/./) as string })
    expect(found[0]?.fix).toMatch(/renames: \{total: /)
  })

  it('is known to deployment after deployment, also where it was all that the files used of its table', () => {
    const files = { 'w/workbook.yaml': '{}\n', 'w/g.sheet.yaml': 'rows: =GROUPBY(shop!orders[total])\n' }
    const first = makeDeployment(files, TABLES, '2026-11-23T10:00:00Z')
    const second = makeDeployment(files, WITHOUT_TOTAL, '2026-11-23T10:00:00Z', first)
    const third = makeDeployment(files, WITHOUT_TOTAL, '2026-11-23T10:00:00Z', second)
    expect(third.version).toBe(second.version)
    expect(compileDeployment(third, WITHOUT_TOTAL)).toMatchObject({
      graph: { tables: [] },
      diagnostics: [{ severity: 'warning', message: 'shop!orders has no column "total" any more: this is #REF!' }],
    })
  })

  it('in a read rule admits nobody, and says so', () => {
    const files = {
      ...FILES,
      'w/r.sheet.yaml':
        'rows: =shop!orders\nkeep: [total]\npublish: {index: [total]}\nread:\n  a: =[@total]=user[id]\n  b: =NOT([@total]=1)\n  c: all\n',
    }
    const { graph, diagnostics } = compiled(files)
    expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([])
    expect(graph?.sheets.find((one) => one.view === 'w.r')?.schema.read).toMatchObject({
      a: { rows: { op: 'blank', column: 'total' } },
      b: { rows: { op: 'not', of: { op: 'blank', column: 'total' } } },
      c: { rows: null },
    })
    expect(diagnostics.filter((one) => one.file === 'w/r.sheet.yaml').map((one) => one.line)).toEqual([2, 5, 6])
  })
})
