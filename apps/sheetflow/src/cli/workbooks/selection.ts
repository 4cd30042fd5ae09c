import path from 'node:path'
import { SheetflowError } from '@sheetflow/core/errors'

/** Which of the workbooks' files a command line means. */
export interface Selection {
  /** Is this file (path inside the workbooks folder) meant? */
  has(file: string): boolean
  /** The file as a person in the working folder would write it. */
  shown(file: string): string
}

/**
 * Reads the file arguments of `lint`, `test` and `fmt`: a workbook's name, a file or a folder; none means all. `app/usage` for one that is
 * no part of the workbooks. `files`: paths inside `folder`.
 */
export function selectFiles(args: readonly string[], folder: string, cwd: string, files: readonly string[]): Selection {
  const wanted = args.map((arg) => ({ arg, meant: meaning(arg, folder, cwd, files) }))
  const lost = wanted.find(({ meant }) => meant.length === 0)
  if (lost !== undefined) {
    throw new SheetflowError('app/usage', `${lost.arg} is no file or workbook in ${path.relative(cwd, folder) || '.'}`, {
      fix: `Workbooks are: ${[...new Set(files.map((file) => file.slice(0, file.indexOf('/'))))].join(', ')}.`,
    })
  }
  const chosen = new Set(args.length === 0 ? files : wanted.flatMap(({ meant }) => meant))
  return { has: (file) => chosen.has(file), shown: (file) => shownPath(folder, cwd, file) }
}

/** A file of the workbooks folder as seen from the working folder, where terminals make it a link. */
export function shownPath(folder: string, cwd: string, file: string): string {
  return path.relative(cwd, path.join(folder, file))
}

function meaning(arg: string, folder: string, cwd: string, files: readonly string[]): readonly string[] {
  const inside = path.relative(folder, path.resolve(cwd, arg)).replaceAll(path.sep, '/')
  const below = (prefix: string): string[] => files.filter((file) => prefix === '' || file === prefix || file.startsWith(`${prefix}/`))
  const byPath = below(inside)
  return byPath.length > 0 ? byPath : below(arg)
}
