import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { checkCitations, sections } from './citations.ts'
import { checkCycles } from './cycles.ts'
import { checkImports } from './imports.ts'
import { checkSizes } from './sizes.ts'
import { parseSource } from './source-file.ts'
import { checkSubjects } from './subjects.ts'
import { checkSurroundings } from './surroundings.ts'
import { checkText } from './text.ts'
import { checkThrown } from './thrown.ts'
import { checkUnused } from './unused.ts'
import type { Violation } from './violation.ts'

const root = mkdtempSync(join(tmpdir(), 'sheetflow-layers-'))

afterAll(() => rmSync(root, { recursive: true, force: true }))

const FILES: Readonly<Record<string, string>> = {
  'packages/core/src/index.ts': "export { a } from './a.ts'",
  'packages/core/src/a.ts': 'export const a = 1',
  'packages/formula/src/lex.ts': 'export {}',
  'packages/store/src/index.ts': 'export {}',
  'packages/testkit/src/kit.ts': 'export {}',
  'packages/core/src/one.ts': "import { two } from './two.ts'\nexport const one = two",
  'packages/core/src/two.ts': "import type { Three } from './three.ts'\nexport const two: Three = 2",
  'packages/core/src/three.ts': "export type Three = import('./one.ts').One",
}

for (const [path, text] of Object.entries(FILES)) {
  mkdirSync(join(root, dirname(path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

/** The reasons and lines of what a rule finds in one file. */
function found(violations: readonly Violation[]): string[] {
  return violations.map(({ line, why }) => `${line}: ${why}`)
}

function imports(path: string, text: string): string[] {
  return found(checkImports(root, parseSource(path, text)))
}

describe('imports', () => {
  test('go to the centre', () => {
    expect(imports('packages/store/src/x.ts', "import { a } from '@sheetflow/core/a'\nimport { b } from '@sheetflow/core'")).toEqual([])
    expect(imports('packages/engine/src/x.ts', "import '@sheetflow/formula/lex'")).toEqual([])
    expect(imports('packages/store/src/x.ts', "\nimport type { T } from '@sheetflow/formula/lex'")).toEqual([
      '2: packages/store imports formula; it may import core',
    ])
    expect(imports('packages/core/src/x.ts', "type T = import('@sheetflow/store').T")).toEqual([
      '1: packages/core imports store; it may import nothing',
    ])
    expect(imports('packages/source/src/x.ts', "await import('@sheetflow/store')")).toEqual([
      '1: packages/source imports store; it may import core',
    ])
    expect(imports('packages/source/src/x.ts', "export { a } from '@sheetflow/store'")).toHaveLength(1)
  })

  test('nobody loads the module pg as an ES module', () => {
    const file = 'packages/store/src/x.ts'
    for (const text of [
      "import pg from 'pg'",
      "import { type Pool, Client } from 'pg'",
      "await import('pg')",
      "import 'pg'",
      "export { Pool } from 'pg'",
    ])
      expect(imports(file, text)).toHaveLength(1)
    const types = [
      "import type pg from 'pg'",
      "import { type Client } from 'pg'",
      "type T = import('pg').Pool",
      "export type { Pool } from 'pg'",
    ]
    for (const text of types) expect(imports(file, text)).toEqual([])
    expect(imports('packages/store/src/x.test.ts', "import pg from 'pg'")).toEqual([])
  })

  test('the testkit is for tests', () => {
    expect(imports('packages/core/src/x.test.ts', "import '@sheetflow/testkit/kit'")).toEqual([])
    expect(imports('packages/core/src/x.ts', "import '@sheetflow/testkit/kit'")).toHaveLength(1)
    expect(imports('apps/sheetflow/src/x.ts', "import '@sheetflow/testkit/kit'")).toHaveLength(1)
  })

  test('name an existing file, exactly, and stay in the package', () => {
    expect(imports('packages/core/src/x.ts', "import './a'")).toEqual(['1: ./a means packages/core/src/a, which does not exist'])
    expect(imports('packages/core/src/x.ts', "import './index.ts'")).toEqual(['1: ./index.ts imports a public face from inside'])
    expect(imports('packages/store/src/x.ts', "import '../../core/src/a.ts'")).toEqual(['1: ../../core/src/a.ts leaves the package'])
    expect(imports('packages/core/src/x.ts', "import '@sheetflow/core/a'")).toEqual(['1: the package imports itself by name'])
    expect(imports('packages/store/src/x.ts', "import '@sheetflow/core/gone'")).toHaveLength(1)
    expect(imports('packages/core/src/x.ts', "export * from './a.ts'")).toEqual(['1: `export *` hides what is exported'])
  })

  test('what runs anywhere or on a page imports nothing of Node', () => {
    expect(imports('packages/core/src/x.ts', "import 'node:fs'")).toHaveLength(1)
    expect(imports('packages/client/src/x.ts', "import fs from 'fs'")).toHaveLength(1)
    expect(imports('packages/client/src/x.test.ts', "import 'node:fs'")).toEqual([])
    expect(imports('packages/bus/src/x.ts', "import 'node:fs'")).toEqual([])
  })
})

test('a cycle is found through types, and shown as a ring', () => {
  const files = Object.entries(FILES).map(([path, text]) => parseSource(path, text))
  expect(found(checkCycles(root, files))).toEqual([
    '1: import cycle: packages/core/src/one.ts → packages/core/src/two.ts → packages/core/src/three.ts → packages/core/src/one.ts',
  ])
})

describe('sizes', () => {
  const sizes = (path: string, text: string): string[] => found(checkSizes(parseSource(path, text)))
  const body = 'x()\n'.repeat(80)

  test('of files', () => {
    const long = 'x()\n'.repeat(401)
    expect(sizes('packages/core/src/x.ts', 'x()\n'.repeat(400))).toEqual([])
    expect(sizes('packages/core/src/x.ts', long)).toEqual(['1: 401 lines, 400 allowed'])
    expect(sizes('packages/core/src/x.ts', `// over: one table\n${long}`)).toEqual([])
    expect(sizes('packages/core/src/x.test.ts', long)).toEqual([])
  })

  test('of functions', () => {
    expect(sizes('packages/core/src/x.ts', `\nfunction f() {\n${body}}`)).toEqual(['2: function of 82 lines, 80 allowed'])
    expect(sizes('packages/core/src/x.ts', `const f = () => {\n${body}}`)).toHaveLength(1)
    expect(sizes('packages/core/src/x.ts', `class A {\n  m() {\n${body}}}`)).toHaveLength(1)
    expect(sizes('packages/core/src/x.ts', `// over: one loop\nfunction f() {\n${body}}`)).toEqual([])
    expect(sizes('packages/core/src/x.ts', `// over:\nfunction f() {\n${body}}`)).toHaveLength(1)
  })
})

describe('surroundings', () => {
  const uses = (path: string, text: string): string[] =>
    found(checkSurroundings(parseSource(path, text))).map((line) => line.replace(/.* uses /, ''))

  test('clocks, chance and globals are not read by what runs anywhere', () => {
    const text = 'Date.now(); new Date(); Date(); performance.now(); Math.random(); setTimeout(f, 1); process.exit(); globalThis.fetch(u)'
    expect(uses('packages/engine/src/x.ts', text)).toEqual([
      'Date.now',
      'new Date()',
      'Date()',
      'performance.now',
      'Math.random',
      'setTimeout',
      'process',
      'globalThis.fetch',
    ])
    expect(uses('packages/engine/src/x.test.ts', text)).toEqual([])
    expect(uses('packages/bus/src/x.ts', text)).toEqual([])
  })

  test('a page has timers', () => {
    expect(uses('packages/client/src/x.ts', 'setTimeout(f, 1); new Date(0); Date.now()')).toEqual(['Date.now'])
  })

  test('a name of the file itself is not the global', () => {
    expect(
      uses('packages/engine/src/x.ts', 'function f(fetch: F, o: { process: P }) { fetch(); o.process(); return { console: 1 } }'),
    ).toEqual([])
    expect(uses('packages/engine/src/x.ts', 'interface Clock { setTimeout(ms: number): void }\nconst now = clock.now()')).toEqual([])
  })
})

test('a stream or subject that is spelled by hand is found in packages, and left to core and to tests', () => {
  const spelled = (path: string, text: string): string[] => found(checkSubjects(parseSource(path, text)))
  const text = "const a = 'SF_BUS'\nconst b = `sf.src.${a}._ctl`\nconst c = 'SF_GRAPH_sales'"
  expect(spelled('packages/serve/src/x.ts', text)).toEqual(["2: 'sf.src.…' is spelled by hand", "3: 'SF_GRAPH_sales…' is spelled by hand"])
  expect(spelled('packages/serve/src/x.test.ts', text)).toEqual([])
  expect(spelled('packages/core/src/subject.ts', text)).toEqual([])
})

test('a plain error is found in packages, and left to tests', () => {
  const thrown = (path: string, text: string): string[] => found(checkThrown(parseSource(path, text)))
  expect(thrown('packages/bus/src/x.ts', "throw new Error('no')")).toHaveLength(1)
  expect(thrown('packages/bus/src/x.ts', "return TypeError('no')")).toHaveLength(1)
  expect(thrown('packages/bus/src/x.ts', "throw new SheetflowError('bus/full')")).toEqual([])
  expect(thrown('packages/bus/src/x.test.ts', "throw new Error('no')")).toEqual([])
  expect(thrown('packages/testkit/src/x.ts', "throw new Error('no')")).toEqual([])
})

test('notes to oneself and paths of a machine are found in any text', () => {
  const folder = ['', 'home', 'ada', 'x'].join('/')
  expect(found(checkText('README.md', `fine\n${'TO'}${'DO'} later`))).toEqual(['2: a note to oneself'])
  expect(found(checkText('README.md', `see ${folder}`))).toEqual(['1: a path of one machine'])
  expect(found(checkText('README.md', `https://example.org${folder} and packages${['', 'work', 'x'].join('/')} and a${folder}`))).toEqual(
    [],
  )
})

describe('citations', () => {
  const citable = {
    formats: sections('## 1. One\n## 6. Six\n1. first\n7. seventh\n```\n8. an example\n```\n## 7. Seven\n5. fifth'),
    security: new Set(['S05']),
    faults: new Set(['F31']),
    decisions: new Set(['009']),
  }
  const cited = (path: string, text: string): string[] => found(checkCitations(path, text, citable))
  // Spelled so that this file cites nothing.
  const [formats, decision] = ['FORM' + 'ATS', 'A' + 'DR']

  test('of what is there', () => {
    const good = `${formats} 1, 6.7 and 7), ${formats} 7, rule 5; ${formats}\n * 6.1 to 7. ${decision} 009, faults.md, ${'F'}31`
    expect(cited('docs/x.md', good)).toEqual([])
    expect(cited('apps/sheetflow/src/x.ts', `(${'S'}05)`)).toEqual([])
    expect(cited('packages/formula/src/x.ts', `=SUM(${'S'}55, ${'F'}55)`)).toEqual([])
  })

  test('of what is not', () => {
    expect(cited('x.ts', `\n${formats} 2`)).toEqual(['2: section 2 of the formats is nowhere'])
    expect(cited('x.ts', `${formats} 1, 6.8`)).toEqual(['1: section 6.8 of the formats is nowhere'])
    expect(cited('x.ts', `${formats} 7, rule 6`)).toEqual(['1: section 7.6 of the formats is nowhere'])
    expect(cited('x.md', `${decision} 010`)).toEqual([`1: ${decision} 010 is nowhere`])
    expect(cited('packages/serve/src/x.ts', `${'S'}06`)).toEqual([`1: ${'S'}06 is nowhere`])
    expect(cited('x.fault.test.ts', `${'F'}15`)).toEqual([`1: ${'F'}15 is nowhere`])
    const why = '1: a citation of what is not in the repository'
    expect(found(checkText('x.ts', `${'DES'}IGN 6`))).toEqual([why])
    expect(found(checkText('x.ts', `see ${'rese'}arch/source.md`))).toEqual([why])
  })
})

test('an export that nobody takes is found', () => {
  const given = parseSource(
    'packages/core/src/a.ts',
    'export const a = 1\nexport const b = a\nexport type C = 1\nexport type D = C\nexport function e() {}',
  )
  const face = parseSource('packages/core/src/index.ts', "export { e } from './a.ts'\nexport const outward = 1")
  const taker = parseSource('packages/bus/src/x.test.ts', "import { a as renamed } from '@sheetflow/core/a'")
  expect(found(checkUnused(root, [given, face, taker]))).toEqual([
    '2: b is exported and nobody uses it',
    '4: D is exported and nobody uses it',
    '5: e is used by no code but tests',
  ])
  const all = parseSource('packages/bus/src/y.test.ts', "import * as everything from '@sheetflow/core/a'")
  expect(found(checkUnused(root, [given, face, all])).filter((one) => one.includes('nobody'))).toEqual([])
})

test('an export that tests alone take is found', () => {
  const given = parseSource(
    'packages/core/src/a.ts',
    'export const a = 1\n// b, of which tests know\nexport const b = 2\n// for tests: a table of theirs\nexport const c = 3\nexport const d = 4\nexport const e = d',
  )
  const tested = parseSource('packages/bus/src/x.test.ts', "import { a, b, c, d, e } from '@sheetflow/core/a'")
  const kit = parseSource('packages/testkit/src/kit.ts', "import { a } from '@sheetflow/core/a'")
  const code = parseSource('packages/bus/src/y.ts', "import { e } from '@sheetflow/core/a'")
  const face = parseSource('packages/core/src/index.ts', "export { a, b, c, d, e } from './a.ts'")
  expect(found(checkUnused(root, [given, tested, kit, code, face]))).toEqual([
    '1: a is used by no code but tests',
    '3: b is used by no code but tests',
  ])
  const ofFormula = parseSource('packages/formula/src/lex.ts', 'export const a = 1')
  const promised = parseSource('packages/formula/src/index.ts', "export { a } from './lex.ts'")
  expect(checkUnused(root, [ofFormula, promised])).toEqual([])
})
