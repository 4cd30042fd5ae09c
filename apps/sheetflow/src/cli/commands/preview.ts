import { graphStream } from '@sheetflow/core/subject'
import { sheetLines, type PreviewedSheet } from '../../ledger/preview-text.ts'
import { openLedger } from '../../ledger/open-ledger.ts'
import { tryFiles, type TriedFiles } from '../../ledger/try-files.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { wholeNumber } from '../options.ts'
import { bold, dim, type Output } from '../output.ts'
import { counted, printDiagnostics } from '../print-diagnostics.ts'
import { openWorkbooks } from '../workbooks/open-workbooks.ts'

const ROWS = 5

/** `sheetflow preview`: what the workbooks' files would do to what runs, before they are deployed. */
export const preview: CliCommand = {
  name: 'preview',
  summary: 'what the edited workbooks would change: rows, columns, types, costs; nothing is deployed',
  usage: 'preview [WORKBOOK …] [--rows N] [--json]',
  takes: Infinity,
  options: { rows: { type: 'string', value: 'N', help: `rows shown of those that appear, change, vanish (default ${ROWS} of each)` } },
  async run(line, output) {
    const workbooks = await openWorkbooks(line)
    const rows = wholeNumber(line.options, 'rows') ?? ROWS
    await using ledger = await openLedger(workbooks.loaded)
    let failed = false
    for (const { graph, files } of workbooks.graphs) {
      if (line.positionals.length > 0 && !Object.keys(files).some((file) => workbooks.selection.has(file))) continue
      const found = await tryFiles(ledger, graph, files, rows)
      if ('tried' in found) print(output, graph, found)
      else {
        failed = true
        printDiagnostics(
          output,
          found.map((one) => ({ ...one, file: workbooks.selection.shown(one.file) })),
        )
        output.note(`${graph}: mend the errors above, then ask again; what runs goes on running`)
      }
    }
    return failed ? EXIT.findings : EXIT.ok
  },
}

function print(output: Output, graph: string, { rebuilt, tried, definitions }: TriedFiles): void {
  const { position, at, inputs } = rebuilt
  const stream = graphStream(graph)
  output.event(
    'preview',
    {
      graph,
      stream,
      position,
      at,
      inputs,
      version: { active: tried.active?.deployment.version ?? null, next: tried.next.deployment.version },
    },
    `${bold(graph)} ${dim(
      `as of ${position.offset} in ${stream}, ${at}; inputs ${Object.entries(inputs)
        .map(([name, one]) => `${name} ${one.offset}`)
        .join(', ')}`,
    )}`,
  )
  const sheets = previewed({ tried, definitions })
  for (const sheet of sheets) output.event('sheet', { ...sheet }, sheetLines(sheet).join('\n'))
  const count = (fate: PreviewedSheet['fate']): number => sheets.filter((sheet) => sheet.fate === fate).length
  const counts = { rebuilt: count('rebuilt'), new: count('new'), gone: count('gone'), untouched: count('untouched') }
  output.event('summary', { graph, ...counts })
  const changed = counts.rebuilt + counts.new + counts.gone
  output.note(
    changed === 0
      ? 'nothing would change'
      : `${counted(counts.rebuilt, 'sheet')} rebuilt, ${counts.new} new, ${counts.gone} gone, ${counts.untouched} not touched; nothing was deployed`,
  )
}

function previewed({ tried, definitions }: Pick<TriedFiles, 'tried' | 'definitions'>): readonly PreviewedSheet[] {
  const { active, next, sheets, untouched, incomplete } = tried
  const readable = new Set([...(active?.published ?? []), ...next.published].map(({ view }) => view))
  return [...new Set([...sheets.keys(), ...untouched])].sort().map((view) => ({
    view,
    fate: untouched.has(view)
      ? 'untouched'
      : active?.program.sheets.has(view) !== true
        ? 'new'
        : next.program.sheets.has(view)
          ? 'rebuilt'
          : 'gone',
    readable: readable.has(view),
    rows: incomplete.has(view) ? null : (sheets.get(view) ?? null),
    definition: definitions.find((one) => one.view === view) ?? null,
    incomplete: incomplete.get(view) ?? [],
  }))
}
