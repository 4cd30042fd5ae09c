import { describe, expect, it } from 'vitest'
import { recursiveColumns } from '@sheetflow/formula/recursion'
import { explainSheets } from '../explain/explain-sheets.ts'
import { TABLES } from '../testing/shop.ts'
import { compileGraph } from './compile-graph.ts'

const PARTS = `key: id
types: {id: int, parent: int, cost: "decimal(10,2)", name: text}
data:
  - [id, parent, cost, name]
  - [1, ~, 2.50, bike]
`

/** The columns of one sheet of parts: name and type, and what is wrong. */
function compiled(columns: string): {
  readonly types: readonly string[]
  readonly recursive: readonly string[]
  readonly problems: readonly string[]
} {
  const { graph, diagnostics } = compileGraph({ files: { 'w/parts.sheet.yaml': `${PARTS}columns:\n${columns}` }, tables: TABLES })
  const sheet = graph?.sheets[0]
  return {
    types: (sheet?.columns ?? []).slice(4).map(({ name, type, nullable }) => `${name} ${type.type}${nullable ? '?' : ''}`),
    recursive:
      sheet === undefined ? [] : recursiveColumns(sheet).map((group) => group.map((index) => sheet.columns[index]?.name).join(' ')),
    problems: diagnostics.map((one) => `${one.code} ${one.line}:${one.column} ${one.message}`),
  }
}

describe('a column that reads itself in other rows', () => {
  it('has the type that follows from itself', () => {
    expect(compiled('  total: =[@cost]+IFNA(XLOOKUP([@parent], parts[id], parts[total]), 0)\n')).toEqual({
      types: ['total decimal'],
      recursive: ['total'],
      problems: [],
    })
    expect(compiled('  depth: =1+XLOOKUP([@parent], [id], [depth], 0)\n').types).toEqual(['depth int'])
    expect(compiled('  weight: =[@cost]+SUMIFS([weight], [parent], [@id])\n').types).toEqual(['weight decimal'])
    expect(compiled('  root: =XLOOKUP([@parent], [id], [root], [@id])\n').types).toEqual(['root int'])
    expect(compiled('  path: =XLOOKUP([@parent], [id], [path], "")&"/"&[@name]\n').types).toEqual(['path text'])
    expect(compiled('  above: =XLOOKUP([@parent], [id], [above], [@name])\n').types).toEqual(['above text?'])
  })

  it('may do so through others', () => {
    expect(compiled('  a: =XLOOKUP([@parent], [id], [b], 0)\n  b: =[@a]*2+[@cost]\n  c: =[@b]\n')).toEqual({
      types: ['a decimal', 'b decimal', 'c decimal'],
      recursive: ['a b'],
      problems: [],
    })
  })

  it('costs all rows that depend on it', () => {
    const { graph } = compileGraph({
      files: { 'w/parts.sheet.yaml': `${PARTS}columns:\n  weight: =[@cost]+SUMIFS([weight], [parent], [@id])\n` },
      tables: TABLES,
    })
    expect(graph?.sheets[0]?.cost).toEqual({ class: 'fan-out', table: 'w.parts' })
    expect(graph === null ? [] : explainSheets({}, graph)[0]?.columns.at(-1)).toMatchObject({
      cost: { class: 'fan-out' },
      reason: 'a change of a row changes all rows of w.parts that follow from it, one after the other',
    })
  })

  it('not in its own row', () => {
    expect(compiled('  a: =[@b]+XLOOKUP([@parent], [id], [a], 0)\n  b: =[@a]\n').problems).toEqual([
      'formula/cycle 8:9 this formula depends on itself: parts[a] → parts[b] → parts[a]',
    ])
  })

  it('in rows that are known before it', () => {
    expect(compiled('  a: =XLOOKUP([@b], [id], [a], 0)\n  b: =XLOOKUP([@parent], [id], [a], 0)\n').problems).toEqual([
      'formula/cycle 7:6 which rows "a" reads depends on what is computed there',
    ])
    expect(compiled('  a: =XLOOKUP([@parent], [a], [id], 0)\n').problems).toEqual([
      'formula/cycle 7:27 this formula depends on itself: parts[a] → parts[a]',
    ])
    expect(compiled('  a: =[@cost]+SUMIFS([a], [id], "<"&[@id])\n').problems).toEqual([
      'formula/cycle 7:6 "a" sums itself up over rows that are no group',
    ])
  })

  it('what is wrong in it is said once, and of what it reads too', () => {
    expect(compiled('  a: =nope+XLOOKUP([@parent], [id], [a], 0)\n').problems).toEqual([
      'formula/unknown-name 7:7 there is no value named "nope"',
    ])
    expect(compiled('  a: =XLOOKUP([@parent], [id], [b], 0)\n  b: =[@a]+[@nope]\n').problems).toEqual([
      'formula/unknown-name 8:14 parts has no column "nope"',
    ])
    expect(compiled('  a: =IF([@id]=1, "x", 1)+XLOOKUP([@parent], [id], [a], 0)\n').problems).toHaveLength(1)
  })

  it('is refused where it is one of so many that their types would take minutes to find', () => {
    const texts = (length: number): string => {
      const all = Array.from({ length }, (_, at) => `XLOOKUP([@parent],[id],[c${at}],"")`).join('&')
      return Array.from({ length }, (_, at) => `  c${at}: =${all}\n`).join('')
    }
    expect(compiled(texts(4)).problems).toEqual([])
    expect(compiled(texts(6)).problems[0]).toContain('the types of columns that read one another cannot be found in time')
  })
})
