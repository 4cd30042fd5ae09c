import { posix } from 'node:path'
import { resolveImport, type Export, type SourceFile } from './source-file.ts'
import type { Violation } from './violation.ts'

/**
 * Names that a file gives away and nobody takes: no other file, no test, no public face. A type may also be exported because a signature in its own
 * file names it. Faces (`index.ts`), files that are started (`main.ts`) and examples, which the product loads, give to the outside.
 *
 * What only tests take is code that the product does not have: in a package that is published a name has to be taken by code, in another file or its
 * own. A promise to the outside counts, save that of `core`: what stands there is what layers share. `// for tests: reason`, in the line above, is an exception.
 */
export function checkUnused(root: string, files: readonly SourceFile[]): Violation[] {
  const taken = takenNames(root, files)
  const takenByCode = takenNames(
    root,
    files.filter((file) => !isForTests(file) && file.path !== 'packages/core/src/index.ts'),
  )
  return files
    .filter((file) => file.layer !== undefined && !file.layer.startsWith('examples/') && !file.isTest && !isOutward(file.path))
    .flatMap((file) => {
      const [names, byCode] = [taken.get(file.path), takenByCode.get(file.path)]
      return file.exports
        .filter((one) => one.name !== 'default')
        .flatMap((one) => {
          if (!isTaken(names, one) && !isNamedInFile(file, one)) return [unused(file, one)]
          const isCode = isTaken(byCode, one) || timesNamed(file, one) > 1 || isForTests(file) || isExcepted(file, one)
          return isCode || !file.path.startsWith('packages/') ? [] : [onlyTested(file, one)]
        })
    })
}

type Taken = ReadonlySet<string> | 'all'

function isTaken(names: Taken | undefined, one: Export): boolean {
  return names === 'all' || names?.has(one.name) === true
}

function isOutward(path: string): boolean {
  return /^(index|main)\.ts$/.test(posix.basename(path))
}

function isForTests(file: SourceFile): boolean {
  return file.isTest || file.layer === 'packages/testkit'
}

/** File → what these files take from it. */
function takenNames(root: string, files: readonly SourceFile[]): Map<string, Taken> {
  const taken = new Map<string, Taken>()
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
  return one.isType && timesNamed(file, one) > 1
}

/** In the code of its own file, its declaration included. */
function timesNamed(file: SourceFile, one: Export): number {
  return [...file.text.matchAll(new RegExp(`\\b${one.name}\\b`, 'g'))].filter(({ index }) => !isInComment(file, index)).length
}

function isInComment(file: SourceFile, offset: number): boolean {
  return file.comments.some(({ start, end }) => start <= offset && offset < end)
}

function isExcepted(file: SourceFile, one: Export): boolean {
  return file.comments.some(({ value, end }) => /^\s*for tests: \S/.test(value) && file.lineOf(end) === one.line - 1)
}

function unused(file: SourceFile, one: Export): Violation {
  return {
    file: file.path,
    line: one.line,
    why: `${one.name} is exported and nobody uses it`,
    fix: 'delete it, drop the `export`, or promise it in the package’s index.ts',
  }
}

function onlyTested(file: SourceFile, one: Export): Violation {
  return {
    file: file.path,
    line: one.line,
    why: `${one.name} is used by no code but tests`,
    fix: 'delete it, or move it into a folder `testing`; where it must stand here, say why above it: `// for tests: reason`',
  }
}
