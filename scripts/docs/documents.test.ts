import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LAYERS } from '../../layers.mjs'
import { ROOT } from '../command.ts'
import { resolveImport } from '../layers/source-file.ts'
import { SUITES } from '../suites.ts'
import { readErrorCodes } from './error-codes.ts'

/** Decisions of the past may name what is gone; error codes are made from the code. */
const DOCUMENTS = globSync(['*.md', 'docs/*.md', 'packages/*/*.md'], { cwd: ROOT, exclude: ['docs/errors.md'] })

const CODES: ReadonlySet<string> = new Set(readErrorCodes(join(ROOT, 'packages/core/src/errors.ts')).map(({ code }) => code))

/** Every end of every path of the repository, so that a document may say `role/stepper.ts` where the context names the package. */
const PATH_ENDS: ReadonlySet<string> = pathEnds()

/** In backquotes: `a/b`, `a/b.ts`, `c.ts`; not a sentence, a flag or a formula. */
const PATH = /^(@?(?!\d+\/)[\w.-]+(\/[\w.*{},-]+)+\/?|[\w-]+\.(ts|mjs|md|json|yaml))$/

/** The name in small letters and a word: a command. In prose it is Sheetflow. */
const SHEETFLOW_WORD = /(?<![\w.@/-])sheetflow ([a-z]+)(?![\w/])/g

/** `sheetflow reader`, `sheetflow writer`: what its connections to Postgres are called. */
const SESSIONS: ReadonlySet<string> = new Set(['reader', 'writer', 'help'])

describe.each(DOCUMENTS)('%s', (document) => {
  const text = readFileSync(join(ROOT, document), 'utf8')
  const prose = text.replaceAll(/^```.*?^```/gms, '')

  it('names paths, packages and error codes that exist', () => {
    const named = matches(prose, /`([^`\n]+)`/g).filter((span) => PATH.test(span) && !span.includes('NNN'))
    expect(named.filter((span) => !exists(document, span))).toEqual([])
  })

  it('links to pages that exist', () => {
    const links = matches(prose, /\]\(([^)#\s]+)/g).filter((link) => !/^[a-z]+:/.test(link))
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(document), link)))).toEqual([])
    const places = [...prose.matchAll(/\]\(([\w./-]*)#([^)]+)\)/g)].map(([, page = '', place = '']) => ({ page, place }))
    expect(places.filter(({ page, place }) => !headings(page === '' ? document : join(dirname(document), page)).has(place))).toEqual([])
  })

  it('tells commands that this repository has', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
    expect(matches(text, /\bnpm run ([\w:-]+)/g).filter((name) => scripts[name] === undefined)).toEqual([])
    const words = matches(text, /\bnpm test -- ([^`#\n]+)/g).flatMap((line) => line.trim().split(/\s+/))
    expect(words.filter((word) => !word.includes('/') && !SUITES.some((suite) => suite.name === word))).toEqual([])
  })
})

it('every command of `sheetflow` that a document or a message of the program names is there', () => {
  const programs = globSync(['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts', 'examples/*/*.{ts,yaml}', 'deploy/**/*'], {
    cwd: ROOT,
    exclude: ['**/*.test.ts', 'packages/testkit/**'],
  }).filter((path) => statSync(join(ROOT, path)).isFile())
  const named = [...DOCUMENTS, 'docs/errors.md', ...programs].flatMap((path) =>
    matches(readFileSync(join(ROOT, path), 'utf8'), SHEETFLOW_WORD).map((word) => ({ path, word })),
  )
  const commands = new Set(globSync('apps/sheetflow/src/cli/commands/*.ts', { cwd: ROOT }).flatMap(commandNames))
  expect(commands.size).toBeGreaterThan(20)
  expect(named.length).toBeGreaterThan(100)
  expect(named.filter(({ word }) => !commands.has(word) && !SESSIONS.has(word))).toEqual([])
})

it('ARCHITECTURE.md: its table is that of layers.mjs', () => {
  const rows = [...readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8').matchAll(/^\| `([\w/]+)` \| .* \| ([\w, ]+) \|$/gm)]
  const told = Object.fromEntries(rows.map(([, layer = '', imports = '']) => [layer, imports]))
  const published = LAYERS['apps/sheetflow']?.imports ?? []
  const isAll = (imports: readonly string[]): boolean => published.every((name) => imports.includes(name))
  const text = (imports: readonly string[]): string => (isAll(imports) ? 'everything' : imports.join(', ') || 'nothing')
  expect(told).toEqual(Object.fromEntries(Object.entries(LAYERS).map(([layer, { imports }]) => [layer, text(imports)])))
})

it('runbooks: there is one for every code that whoever operates it meets, in the order of the list', () => {
  const headings = matches(readFileSync(join(ROOT, 'docs/runbooks.md'), 'utf8'), /^## `(.*)`$/gm)
  expect(headings).toEqual([...CODES].filter((code) => /^(source|bus|engine|store|config|app)\//.test(code)))
})

function exists(document: string, span: string): boolean {
  if (CODES.has(span) || PATH_ENDS.has(span.replace(/\/$/, ''))) return true
  const file = resolveImport(ROOT, document, span)
  if (file !== undefined) return 'path' in file
  return /[*{]/.test(span) && globSync([span, join(dirname(document), span)], { cwd: ROOT }).length > 0
}

/** What a file of commands calls its own: a layer of the repository's scripts does not import the program. */
function commandNames(path: string): string[] {
  return matches(readFileSync(join(ROOT, path), 'utf8'), /^ {2}name: '([a-z]+)',$/gm)
}

/** The names by which links call the headings of a page. */
function headings(page: string): Set<string> {
  const titles = matches(readFileSync(join(ROOT, page), 'utf8').replaceAll(/^```.*?^```/gms, ''), /^#+ (.+)$/gm)
  return new Set(
    titles.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '')
}

function pathEnds(): Set<string> {
  const skipped = new Set(['node_modules', 'dist', '.git', '.sheetflow'])
  const paths = globSync('**/*', { cwd: ROOT, exclude: (name) => skipped.has(basename(name)) })
  return new Set(
    paths.flatMap((path) => {
      const names = path.split(sep)
      return names.map((_, start) => names.slice(start).join('/'))
    }),
  )
}
