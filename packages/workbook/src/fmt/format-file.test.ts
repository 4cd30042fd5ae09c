import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { compileGraph } from '../compile/compile-graph.ts'
import { SALES, TABLES } from '../testing/shop.ts'
import { formatFile } from './format-file.ts'

function format(text: string): string {
  return formatFile('w/s.sheet.yaml', text).text
}

describe('fmt', () => {
  it.each(Object.entries(SALES))('leaves %s as FORMATS 7 has it', (path, text) => {
    expect(formatFile(path, text)).toEqual({ text, changed: false })
  })

  it('brings keys in order and keeps comments where they belong', () => {
    expect(format('# about the columns\ncolumns:\n  # doubled\n  x: =[@a]*2\nrows: =shop!orders\n\nabout: x\n')).toBe(
      'about: x\nrows: =shop!orders\n# about the columns\ncolumns:\n  # doubled\n  x: =[@a]*2\n',
    )
  })

  it.each([
    ['  x: ="Order #"&[@id]', '  x: |-\n    ="Order #"&[@id]'],
    ['  x: =[@a]&": "&[@b]', '  x: |-\n    =[@a]&": "&[@b]'],
    ['  x: =[@a]+1 # net', '  # net\n  x: =[@a]+1'],
    ['  x: ="#"&[@a] # a "note"', '  # a "note"\n  x: ="#"&[@a]'],
    ['  x: "=1: 2"', '  x: "=1: 2"'],
    ['  x: |-\n    ="a #"&": "', '  x: |-\n    ="a #"&": "'],
  ])('closes the trap in %j', (line, wanted) => {
    expect(format(`columns:\n${line}\n`)).toBe(`columns:\n${wanted}\n`)
  })

  it('makes a file that lint refuses into one that compiles', () => {
    const text = 'rows: =shop!orders\ncolumns:\n  label: ="Order #"&[@id]&": "&[@status] # shown\n'
    expect(compileGraph({ files: { 'w/s.sheet.yaml': text }, tables: TABLES }).graph).toBeNull()
    const { graph } = compileGraph({ files: { 'w/s.sheet.yaml': format(text) }, tables: TABLES })
    expect(graph?.sheets[0]?.columns.at(-1)?.formula).toMatchObject({ fn: '&' })
  })

  it('leaves alone what is no YAML', () => {
    expect(formatFile('w/s.sheet.yaml', 'rows: [a\n')).toEqual({ text: 'rows: [a\n', changed: false })
  })

  it('changes nothing more the second time', () => {
    const key = fc.constantFrom('rows', 'about', 'keep', 'columns', 'read', 'format', 'x')
    const value = fc.constantFrom(
      '=shop!orders',
      '="a #"&[@b]',
      '=[@a]&": "',
      '[a,  b]',
      '{a: "b",  c: d}',
      '"q"',
      "'q'",
      '|-\n  =1+\n  2',
      '\n  - a\n  - b',
      '\n  a: =1 # c\n  b: =2',
      'text # c',
      '',
    )
    const comment = fc.constantFrom('', '# c\n', '\n', '\n# d\n\n')
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(comment, key, value), { selector: ([, one]) => one, maxLength: 6 }), (entries) => {
        const once = format(entries.map(([above, name, text]) => `${above}${name}: ${text}\n`).join(''))
        expect(format(once)).toBe(once)
      }),
      { numRuns: 500 },
    )
  })
})
