import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parseSync, Visitor, type Comment, type EcmaScriptModule, type Program } from 'oxc-parser'
import { LAYERS } from '../../layers.mjs'

/** An import, export-from, `import()` or `import('…')` type, types included: what a file depends on. */
export interface Import {
  readonly specifier: string
  readonly line: number
  /** The names it takes, as the other file exports them. */
  readonly names: readonly string[] | 'all'
  /** Types alone: nothing of it is loaded. */
  readonly isType: boolean
}

/** A name that a file gives to others. */
export interface Export {
  readonly name: string
  readonly line: number
  readonly isType: boolean
}

/** One TypeScript file, parsed once and looked at by every rule. */
export interface SourceFile {
  /** Relative to the repository, with `/`. */
  readonly path: string
  /** Key of `LAYERS`, if the file belongs to one. */
  readonly layer: string | undefined
  readonly isTest: boolean
  readonly text: string
  readonly program: Program
  readonly comments: readonly Comment[]
  readonly imports: readonly Import[]
  readonly exports: readonly Export[]
  /** The line, from 1, of a character of `text`. */
  lineOf(offset: number): number
}

/** Parses a file. A file that does not parse is the compiler's business: it appears here without imports and without a body. */
export function parseSource(path: string, text: string): SourceFile {
  const { program, module, comments } = parseSync(path, text)
  const starts = lineStarts(text)
  const lineOf = (offset: number): number => countUpTo(starts, offset)
  const parsed = { text, module, program, lineOf }
  return {
    path,
    layer: layerOf(path),
    isTest: isTest(path),
    text,
    program,
    comments,
    imports: importsOf(parsed),
    exports: exportsOf(parsed),
    lineOf,
  }
}

interface Parsed extends Pick<SourceFile, 'text' | 'program' | 'lineOf'> {
  readonly module: EcmaScriptModule
}

function importsOf({ text, module, program, lineOf }: Parsed): Import[] {
  const imports: Import[] = []
  const add = (specifier: string, offset: number, names: Import['names'], isType = false): void => {
    imports.push({ specifier, line: lineOf(offset), names, isType })
  }
  for (const found of module.staticImports) {
    const isAll = found.entries.some((entry) => entry.importName.kind === 'NamespaceObject')
    const isType = found.entries.length > 0 && found.entries.every((entry) => entry.isType)
    add(found.moduleRequest.value, found.start, isAll ? 'all' : found.entries.map((entry) => entry.importName.name ?? 'default'), isType)
  }
  for (const found of module.staticExports) {
    const from = found.entries[0]?.moduleRequest
    if (!from) continue
    const isAll = found.entries.some((entry) => entry.importName.kind !== 'Name')
    const isType = found.entries.every((entry) => entry.isType)
    add(from.value, found.start, isAll ? 'all' : found.entries.map((entry) => entry.importName.name ?? 'default'), isType)
  }
  for (const found of module.dynamicImports) {
    const literal = /^(['"`])([^'"`$]+)\1$/.exec(text.slice(found.moduleRequest.start, found.moduleRequest.end))
    if (literal?.[2] !== undefined) add(literal[2], found.start, 'all')
  }
  new Visitor({ TSImportType: (node) => add(node.source.value, node.start, 'all', true) }).visit(program)
  return imports
}

function exportsOf({ module, program, lineOf }: Parsed): Export[] {
  const types = new Set<number>()
  for (const node of program.body) {
    if (node.type === 'ExportNamedDeclaration' && node.declaration?.type.startsWith('TS') === true) types.add(node.start)
  }
  return module.staticExports.flatMap((found) =>
    found.entries
      .filter((entry) => !entry.moduleRequest && entry.exportName.kind === 'Name')
      .map((entry) => ({
        name: entry.exportName.name ?? '',
        line: lineOf(found.start),
        isType: entry.isType || types.has(found.start),
      })),
  )
}

/** The layer that owns a path. */
export function layerOf(path: string): string | undefined {
  return Object.keys(LAYERS).find((layer) => path.startsWith(`${layer}/`))
}

/** Tests, and what only tests use (folders `test` and `testing`), may do what the code of their layer may not. */
function isTest(path: string): boolean {
  return /\.(test|bench)\.ts$/.test(path) || /\/(test|testing|fixtures)\//.test(path)
}

/**
 * The file that a specifier means: relative, or a package of ours by name. `undefined` for other people's packages and Node's modules;
 * `{ missing }` where ours does not exist.
 */
export function resolveImport(root: string, from: string, specifier: string): { path: string } | { missing: string } | undefined {
  const path = specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : ownPackageFile(specifier)
  if (path === undefined) return undefined
  return existsSync(join(root, path)) ? { path } : { missing: path }
}

function ownPackageFile(specifier: string): string | undefined {
  const [, name, subpath] = /^(?:@sheetflow\/([a-z-]+)|sheetflow)(?:\/(.+))?$/.exec(specifier) ?? []
  if (!/^(@sheetflow\/|sheetflow($|\/))/.test(specifier)) return undefined
  const folder = name === undefined ? 'apps/sheetflow' : `packages/${name}`
  return `${folder}/src/${subpath ?? 'index'}.ts`
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** How many of the ascending `starts` are at most `offset`. */
function countUpTo(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  return low
}
