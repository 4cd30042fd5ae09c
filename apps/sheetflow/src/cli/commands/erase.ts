import { existsSync } from 'node:fs'
import { SheetflowError } from '@sheetflow/core/errors'
import { eraseRow, type Erased } from '../../erase/erase.ts'
import { prepareErasure, type Erasure } from '../../erase/erasure.ts'
import { isUnread } from '../../erase/erase-streams.ts'
import type { PlaceReport } from '../../erase/report.ts'
import { openLedger } from '../../ledger/open-ledger.ts'
import { rowText } from '../../ledger/texts.ts'
import { lockDataFolder } from '../../runtime/lock.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { loadByLine } from '../load-by-line.ts'
import { text } from '../options.ts'
import { bold, dim, green, red, yellow, type Output } from '../output.ts'
import { counted } from '../print-diagnostics.ts'

/** `sheetflow erase`: forgets a row that its source has deleted, wherever it was kept, and says where that cannot be done. */
export const erase: CliCommand = {
  name: 'erase',
  summary: 'forget a row that its source has deleted: in streams, archive, checkpoints, stores; says where it remains',
  usage: 'erase TABLE KEY [--source SOURCE] [--dry-run | --yes] [--json]',
  takes: 2,
  options: {
    source: { type: 'string', value: 'SOURCE', help: 'the source of the table, where several have one of that name' },
    'dry-run': { type: 'boolean', help: 'say what would be erased, and what stands in the way; change nothing' },
    yes: { type: 'boolean', help: 'erase it: there is no way back' },
  },
  async run({ options, positionals }, output) {
    const [table, key] = positionals
    if (table === undefined || key === undefined) throw usage()
    const dryRun = options['dry-run'] === true
    if (dryRun === (options['yes'] === true)) throw unsure(dryRun, table, key)
    const loaded = await loadByLine(options)
    await using ledger = await openLedger(loaded)
    // Files cannot be written anew under somebody who has them open. On NATS other processes hold no lock, and what they have in use is told.
    using _lock = !dryRun && existsSync(ledger.places.data) ? lockDataFolder(ledger.places.data) : null
    const erasure = await prepareErasure(ledger, { table, key, source: text(options, 'source') })
    printRow(output, erasure)
    const { obstacles } = erasure.inspection
    for (const { why, fix } of obstacles) output.event('obstacle', { why, fix }, `${red('not yet')} ${why}\n        ${fix}`)
    if (obstacles.length > 0 && !dryRun) throw notYet(erasure)
    const erased = await eraseRow(ledger, erasure, { dryRun, onPlace: (place) => printPlace(output, place, dryRun) })
    return printEnd(output, erasure, erased, dryRun)
  },
}

function printRow(output: Output, { row, trace, inspection }: Erasure): void {
  const { source, schema, key } = row
  const name = rowText(`${source}!${schema.table}`, key)
  const renamed = trace.renamed.map((other) => rowText(schema.table, other))
  output.event(
    'row',
    { source, table: schema.table, key, messages: trace.messages, goneAt: trace.goneAt, asked: inspection.asked, renamed: trace.renamed },
    [
      bold(name),
      `  ${counted(trace.messages, 'message')} of the source ${trace.messages === 1 ? 'tells' : 'tell'} of it${trace.goneAt === null ? '' : `; deleted at ${trace.goneAt}`}`,
      ...(inspection.asked ? [] : [dim(`  the source ${source} could not be asked whether it is gone there; its stream says so`)]),
      ...(renamed.length === 0 ? [] : [yellow(`  it may have had another key: look at ${[...new Set(renamed)].join(', ')} too`)]),
    ].join('\n'),
  )
}

const WORDS: Readonly<Record<PlaceReport['outcome'], string>> = {
  erased: green('erased '),
  clean: dim('nothing'),
  remains: red('remains'),
  unknown: yellow('unknown'),
}

function printPlace(output: Output, place: PlaceReport, dryRun: boolean): void {
  const { outcome, count, until, why } = place
  const word = dryRun && outcome === 'erased' ? green('would  ') : WORDS[outcome]
  const many = count === 0 ? '' : `: ${count}`
  const ends = until === undefined ? '' : `, until ${until}`
  output.event('place', { ...place }, [`${word} ${place.place}${many}${ends}`, ...(why === undefined ? [] : [`        ${why}`])].join('\n'))
}

function printEnd(output: Output, { inspection }: Erasure, { places, record }: Erased, dryRun: boolean): number {
  const remains = places.filter(({ outcome }) => outcome === 'remains').length
  const unread = places.filter((one) => isUnread(one)).reduce((sum, { count }) => sum + count, 0)
  output.event('summary', { dryRun, remains, unread, obstacles: inspection.obstacles.length, record }, endWords(dryRun, remains, unread))
  if (record !== null) output.note(dim(`recorded in ${record}`))
  return remains > 0 || unread > 0 || inspection.obstacles.length > 0 ? EXIT.findings : EXIT.ok
}

function endWords(dryRun: boolean, remains: number, unread: number): string {
  if (dryRun) return 'nothing was changed; with --yes it is erased'
  if (remains > 0) return red(`it remains in ${counted(remains, 'place')}`)
  if (unread > 0) return yellow(`erased wherever it can be read; ${counted(unread, 'message')} cannot be`)
  return green('erased wherever Sheetflow keeps it')
}

function usage(): SheetflowError {
  return new SheetflowError('app/usage', 'which row?', { fix: 'For example: sheetflow erase public.customers 7 --dry-run' })
}

function unsure(both: boolean, table: string, key: string): SheetflowError {
  return new SheetflowError('app/usage', both ? '--dry-run and --yes contradict each other' : 'there is no way back from an erasure', {
    fix: `Look with  sheetflow erase ${table} ${key} --dry-run  and then say --yes.`,
  })
}

function notYet({ row }: Erasure): SheetflowError {
  return new SheetflowError('erase/not-yet', `${rowText(row.schema.table, row.key)} cannot be erased yet; nothing was changed`, {
    fix: 'Do what is said above.',
  })
}
