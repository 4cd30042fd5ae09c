import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync, type StaticExportEntry } from 'oxc-parser'
import { resolveImport } from '../layers/source-file.ts'

/**
 * What a package promises: the names of its face (`index.ts`), one a line behind its kind, sorted. A change of the face is a change of this page, so
 * that nobody overlooks it.
 */
export function apiPage(root: string, face: string): string {
  const { module } = parseSync(face, readFileSync(join(root, face), 'utf8'))
  const names = module.staticExports.flatMap(({ entries }) =>
    entries.map((entry) => ({ name: nameOf(face, entry), kind: kindOf(root, face, entry) })),
  )
  const sorted = names.sort((a, b) => (a.name < b.name ? -1 : 1))
  return sorted.map(({ name, kind }) => `${kind} ${name}\n`).join('')
}

function nameOf(face: string, { exportName }: StaticExportEntry): string {
  if (exportName.name === null) throw new Error(`${face} gives everything or something without a name: a face lists its names`)
  return exportName.name
}

function kindOf(root: string, face: string, entry: StaticExportEntry): string {
  const from = entry.moduleRequest?.value
  const resolved = from === undefined ? { path: face } : resolveImport(root, face, from)
  const name = (from === undefined ? entry.localName.name : entry.importName.name) ?? ''
  const kind = resolved !== undefined && 'path' in resolved ? declaredKind(join(root, resolved.path), name) : undefined
  if (kind === undefined) throw new Error(`${face} gives ${name}, which ${from ?? 'it'} does not declare`)
  return entry.isType && kind === 'class' ? 'type' : kind
}

/** What stands before a name where it is declared. */
function declaredKind(file: string, name: string): string | undefined {
  for (const statement of parseSync(file, readFileSync(file, 'utf8')).program.body) {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    switch (declared?.type) {
      case 'FunctionDeclaration':
        if (declared.id?.name === name) return 'function'
        break
      case 'ClassDeclaration':
        if (declared.id?.name === name) return 'class'
        break
      case 'VariableDeclaration':
        if (declared.declarations.some(({ id }) => id.type === 'Identifier' && id.name === name)) return 'const'
        break
      case 'TSInterfaceDeclaration':
        if (declared.id.name === name) return 'interface'
        break
      case 'TSTypeAliasDeclaration':
        if (declared.id.name === name) return 'type'
        break
      default:
    }
  }
  return undefined
}
