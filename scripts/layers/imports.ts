import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { LAYERS, type Layer } from '../../layers.mjs'
import { layerOf, resolveImport, type Import, type SourceFile } from './source-file.ts'
import type { Violation } from './violation.ts'

const BUILTIN: ReadonlySet<string> = new Set(builtinModules)

/** Imports go to the centre, name the exact file, and no code that runs anywhere or on a page imports Node's modules. */
export function checkImports(root: string, file: SourceFile): Violation[] {
  if (file.layer === undefined) return []
  const layer = LAYERS[file.layer]
  if (layer === undefined) return []
  return [...file.imports.flatMap((found) => checkOne(root, file, layer, found)), ...checkStars(file)]
}

function checkOne(root: string, file: SourceFile, layer: Layer, found: Import): Violation[] {
  const { specifier, line } = found
  const at = (why: string, fix: string): Violation[] => [{ file: file.path, line, why, fix }]
  if (specifier.startsWith('node:') || BUILTIN.has(specifier)) {
    if (file.isTest || layer.runs === 'node') return []
    return at(
      `${file.layer} must run ${where(layer)} and imports ${specifier}`,
      'take what is needed as a parameter or a port of core, and let a layer with Node bring it',
    )
  }
  if (specifier === 'pg' && !found.isType && layer.coded && !file.isTest) {
    return at(
      "a value of 'pg' is imported, which Node's ES loader gives without its exports about once in a thousand starts of a thread",
      'import it from `pg-module.ts` of the package; `import type` may name it',
    )
  }
  const resolved = resolveImport(root, file.path, specifier)
  if (resolved === undefined) return []
  if ('missing' in resolved)
    return at(`${specifier} means ${resolved.missing}, which does not exist`, 'import an existing file by its exact name')
  return specifier.startsWith('.') ? checkRelative(file, specifier, resolved.path, at) : checkPackage(file, layer, resolved.path, at)
}

type At = (why: string, fix: string) => Violation[]

function checkRelative(file: SourceFile, specifier: string, target: string, at: At): Violation[] {
  if (!/\.[a-z]+$/.test(specifier)) return at(`${specifier} has no extension`, 'import the exact file, with `.ts`')
  if (layerOf(target) !== file.layer && !target.endsWith('.mjs')) {
    return at(`${specifier} leaves the package`, 'import it by its package name: `@sheetflow/NAME/FILE`')
  }
  if (posix.basename(target) === 'index.ts' && !file.isTest) {
    return at(`${specifier} imports a public face from inside`, 'import the file that defines the name')
  }
  return []
}

function checkPackage(file: SourceFile, layer: Layer, target: string, at: At): Violation[] {
  const targetLayer = layerOf(target)
  if (targetLayer === file.layer) return at('the package imports itself by name', 'import the file by its relative path')
  const name = posix.basename(targetLayer ?? '')
  if (layer.imports.includes(name) || (file.isTest && name === 'testkit')) return []
  const allowed = layer.imports.length === 0 ? 'nothing' : layer.imports.join(', ')
  return at(
    `${file.layer} imports ${name}; it may import ${allowed}`,
    'move what both need to core, or hand it in from apps/ (the table is layers.mjs)',
  )
}

/** A public face lists its names: what a package promises is then visible in review. */
function checkStars(file: SourceFile): Violation[] {
  return file.program.body
    .filter((node) => node.type === 'ExportAllDeclaration')
    .map((node) => ({ file: file.path, line: file.lineOf(node.start), why: '`export *` hides what is exported', fix: 'list the names' }))
}

function where(layer: Layer): string {
  return layer.runs === 'anywhere' ? 'anywhere' : 'on a page'
}
