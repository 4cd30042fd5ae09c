import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { SheetflowError } from '@sheetflow/core/errors'
import { Findings, locate, type WorkbookDiagnostic } from '@sheetflow/workbook/diagnostic'
import { readWorkbooks } from '@sheetflow/workbook/file/workbook-set'
import { formatFile } from '@sheetflow/workbook/fmt/format-file'
import { takeNewNames } from '@sheetflow/workbook/fmt/new-names'
import type { WorkbookFiles } from '../../deploy/workbook-files.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { green, red, yellow } from '../output.ts'
import { counted, printDiagnostics } from '../print-diagnostics.ts'
import { openWorkbooks, surroundingsOf, type Workbooks } from '../workbooks/open-workbooks.ts'

/** `sheetflow fmt`: the workbooks' files in their canonical form; comments stay. */
export const fmt: CliCommand = {
  name: 'fmt',
  summary: 'put the workbooks in form; --renames takes over names that the source has changed',
  usage: 'fmt [WORKBOOK | FILE …] [--check] [--renames]',
  takes: Infinity,
  options: {
    check: { type: 'boolean', help: 'write nothing; fail if a file is not in form' },
    renames: { type: 'boolean', help: 'write the names that columns, tables and sheets have now' },
  },
  async run(line, output) {
    const workbooks = await openWorkbooks(line)
    const check = line.options['check'] === true
    const renamed = line.options['renames'] === true ? await withNewNames(workbooks) : new Map<string, string>()
    let changed = 0
    const unread: WorkbookDiagnostic[] = []
    for (const [file, before] of workbooks.graphs.flatMap(({ files }) => Object.entries(files))) {
      if (!workbooks.selection.has(file)) continue
      const { text } = formatFile(file, renamed.get(file) ?? before)
      const errors = unreadable(file, text)
      unread.push(...errors.map((one) => ({ ...one, file: workbooks.selection.shown(file) })))
      // What could not be read back is not written: the file stays what it was.
      if (text === before || errors.length > 0) continue
      changed += 1
      const shown = workbooks.selection.shown(file)
      if (!check) writeFileSync(path.join(workbooks.folder, file), text)
      output.event(check ? 'unformatted' : 'formatted', { file: shown }, shown)
    }
    printDiagnostics(output, unread)
    output.note(
      unread.length > 0 ? red(`${counted(unread.length, 'error')}: what is no YAML cannot be put in form`) : verdict(changed, check),
    )
    output.event('summary', { [check ? 'unformatted' : 'formatted']: changed, errors: unread.length })
    return unread.length > 0 || (check && changed > 0) ? EXIT.findings : EXIT.ok
  },
}

/** What keeps a file from being read at all; what `fmt` itself mends is mended by now. */
function unreadable(file: string, text: string): readonly WorkbookDiagnostic[] {
  const findings = new Findings()
  readWorkbooks({ [file]: text }, findings)
  return locate(
    findings.all.filter((one) => one.code === 'workbook/yaml'),
    { [file]: text },
  )
}

/** The files with the columns' names of today, by path. `app/usage` if nothing has run yet or the files do not compile. */
async function withNewNames(workbooks: Workbooks): Promise<ReadonlyMap<string, string>> {
  const { tables, running, functions } = await surroundingsOf(workbooks)
  const texts = new Map<string, string>()
  for (const { graph, files } of workbooks.graphs) {
    const ids = running.get(graph)
    if (ids === undefined) continue
    const renamed: WorkbookFiles | null = takeNewNames(files, tables, ids, functions)
    if (renamed === null) {
      throw new SheetflowError('app/usage', `the files of ${graph} do not compile, so their names stand for nothing`, {
        fix: "Mend what 'sheetflow lint' names first.",
      })
    }
    for (const [file, text] of Object.entries(renamed)) texts.set(file, text)
  }
  return texts
}

function verdict(changed: number, check: boolean): string {
  if (changed === 0) return green('every file is in form')
  return check ? yellow(`${counted(changed, 'file')} not in form: sheetflow fmt writes them`) : `${counted(changed, 'file')} written`
}
