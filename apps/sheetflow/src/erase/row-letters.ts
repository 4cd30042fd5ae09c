import { isSheetflowError } from '@sheetflow/core/errors'
import type { DeadLetter } from '@sheetflow/core/dead-letter'
import { lastLetters } from '@sheetflow/engine/letters/last-letters'
import type { Ledger } from '../ledger/open-ledger.ts'
import type { PlaceReport } from './report.ts'
import { isRow, type SourceRow } from './row-trace.ts'

/**
 * Dead letters name the key of the row that could not be read, and nothing else of it (ADR 025). They are state of their graph, made by its inputs, so nobody but it may change
 * them: those of the row are told. A running graph closes them by itself when its source says that the row is gone.
 */
export async function lettersOfRow({ bus, graphs }: Pick<Ledger, 'bus' | 'graphs'>, row: SourceRow): Promise<readonly PlaceReport[]> {
  const isOurs = isRow(row)
  const isOfRow = ({ source, table, key }: DeadLetter): boolean =>
    source === row.source && table !== null && key !== null && isOurs(table, key)
  const reports: PlaceReport[] = []
  for (const graph of graphs) {
    const { open, closed } = await lettersOf(bus, graph)
    const ids = open.filter(isOfRow).map(({ id }) => id)
    const place = `dead letters of ${graph}`
    if (ids.length > 0) {
      const why = `they name its key. Let Sheetflow run until it has asked the source again, or say: sheetflow dlq drop ${ids.join(' ')}`
      reports.push({ place, outcome: 'remains', count: ids.length, why })
    }
    const past = closed.filter(isOfRow).length
    const why = 'closed ones, which name its key as its deletions do, and no value of it; the last 64 are kept'
    if (past > 0) reports.push({ place: `past ${place}`, outcome: 'unknown', count: past, why })
  }
  return reports
}

async function lettersOf(bus: Ledger['bus'], graph: string): ReturnType<typeof lastLetters> {
  try {
    return await lastLetters(bus, graph)
  } catch (error) {
    if (isSheetflowError(error, 'bus/unknown-stream')) return { open: [], closed: [], total: 0 }
    throw error
  }
}
