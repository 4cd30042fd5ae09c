import { posix } from 'node:path'
import { resolveImport, type Export, type SourceFile } from './source-file.ts'
import type { Violation } from './violation.ts'

/**
 * Names that a file gives away and nobody takes: no other file, no test, no public face. A type may also be exported because a signature in its own
 * file names it. Faces (`index.ts`), files that are started (`main.ts`) and examples, which the product loads, give to the outside.
 */
export function checkUnused(root: string, files: readonly SourceFile[]): Violation[] {
  const taken = takenNames(root, files)
  return files
    .filter((file) => file.layer !== undefined && !file.layer.startsWith('examples/') && !file.isTest && !isOutward(file.path))
    .flatMap((file) => {
      const names = taken.get(file.path)
      if (names === 'all') return []
      return file.exports
        .filter((one) => one.name !== 'default' && !names?.has(one.name) && !isNamedInFile(file, one))
        .map((one) => violation(file, one))
    })
}

function isOutward(path: string): boolean {
  return /^(index|main)\.ts$/.test(posix.basename(path))
}

/** File → what others take from it. */
function takenNames(root: string, files: readonly SourceFile[]): Map<string, Set<string> | 'all'> {
  const taken = new Map<string, Set<string> | 'all'>()
  for (const file of files) {
    for (const { specifier, names } of file.imports) {
      const resolved = resolveImport(root, file.path, specifier)
      if (resolved === undefined || 'missing' in resolved) continue
      const known = taken.get(resolved.path)
      if (known === 'all' || names === 'all') taken.set(resolved.path, 'all')
      else taken.set(resolved.path, new Set([...(known ?? []), ...names]))
    }
  }
  return taken
}

function isNamedInFile(file: SourceFile, one: Export): boolean {
  return one.isType && file.text.split(new RegExp(`\\b${one.name}\\b`)).length > 2
}

function violation(file: SourceFile, one: Export): Violation {
  return {
    file: file.path,
    line: one.line,
    why: `${one.name} is exported and nobody uses it`,
    fix: 'delete it, drop the `export`, or promise it in the package’s index.ts',
  }
}
