import { isSheetflowError } from '@sheetflow/core/errors'
import { TransactionReader } from '@sheetflow/core/framing/assembler'
import { graphStream, sourceStream } from '@sheetflow/core/subject'
import { rangeOf } from '@sheetflow/engine/ledger/reading-bus'
import { lendState, sourceDriver, storeDriver } from '../registry.ts'
import type { Ledger } from '../ledger/open-ledger.ts'
import { rowText } from '../ledger/texts.ts'
import type { RowTrace, SourceRow } from './row-trace.ts'

/** Why a row cannot be erased yet, and what to do. */
export interface Obstacle {
  readonly why: string
  readonly fix: string
}

/** Where a graph stands to the row. */
export interface GraphPlace {
  readonly graph: string
  /** The commit of its stream from which on it knew that the row is gone; 0: it has written nothing. */
  readonly upTo: number
}

/** What stands in the way, and where the graphs stand. */
export interface Inspection {
  readonly obstacles: readonly Obstacle[]
  readonly graphs: readonly GraphPlace[]
  /** Was the source asked whether it still has the row? */
  readonly asked: boolean
}

const CATCH_UP = 'Let Sheetflow run until it has caught up, stop it, and try again.'

/**
 * The row has to be gone where it comes from, and whoever follows the source must have seen that: what is erased under somebody who has not, he would
 * never hear of. Asks the source, the streams, checkpoints and stores; changes nothing.
 */
export async function inspect(ledger: Ledger, row: SourceRow, trace: RowTrace): Promise<Inspection> {
  const obstacles: Obstacle[] = []
  const asked = await askSource(ledger, row, trace, obstacles)
  const goneAt = trace.goneAt ?? trace.lastAt ?? 0
  const graphs: GraphPlace[] = []
  for (const graph of ledger.graphs) {
    const upTo = await seenAt(ledger, graph, sourceStream(row.source), goneAt)
    if (upTo === null) obstacles.push({ why: `the graph ${graph} has not seen yet that the row is gone`, fix: CATCH_UP })
    else graphs.push({ graph, upTo })
    if (hasOldCheckpoint(await checkpointOffset(ledger, graph, sourceStream(row.source)), goneAt))
      obstacles.push({ why: `the checkpoint of the graph ${graph} was taken before the row was gone`, fix: CATCH_UP })
  }
  for (const store of Object.keys(ledger.loaded.config.stores)) {
    for (const { graph, upTo } of graphs) {
      obstacles.push(...(await storeObstacle(ledger, store, graph, upTo)))
    }
  }
  return { obstacles, graphs, asked }
}

async function askSource({ loaded }: Ledger, row: SourceRow, trace: RowTrace, obstacles: Obstacle[]): Promise<boolean> {
  const { source, schema, key } = row
  const name = rowText(`${source}!${schema.table}`, key)
  if (trace.lentTo !== null) {
    const other = rowText(schema.table, trace.lentTo)
    obstacles.push({ why: `${name} was given another key and goes on as ${other}`, fix: `Delete and erase ${other} first.` })
  }
  let isThere: boolean | null = null
  try {
    isThere = await (await sourceDriver(loaded, source)).hasRow(schema, key)
  } catch (error) {
    if (!isSheetflowError(error)) throw error
    if (trace.goneAt === null)
      obstacles.push({
        why: `the source ${source} cannot be asked whether it still has the row: ${error.message}`,
        fix: error.fix ?? 'Try again later.',
      })
  }
  if (isThere === true) {
    const where = Object.keys(loaded.config.sources).length > 1 ? ` in ${source}` : ''
    obstacles.push({
      why: `${name} is still there: Sheetflow follows its source, and would read it again`,
      fix: `Delete the row${where}, let Sheetflow run until it has seen that, and try again.`,
    })
  } else if (trace.goneAt === null && trace.lastAt !== null) {
    obstacles.push({ why: `the stream of ${source} does not say yet that ${name} was deleted`, fix: CATCH_UP })
  }
  return isThere !== null
}

/** The first commit of the graph that had read the source up to there; null: none has; 0: the graph has written nothing. */
async function seenAt({ bus, signal }: Ledger, graph: string, input: string, offset: number): Promise<number | null> {
  const stream = graphStream(graph)
  const { epoch, first, last } = await rangeOf(bus, stream)
  if (last === 0) return 0
  const reader = new TransactionReader({ rule: 'graph', epoch })
  if (last < first) return last
  // Rows may carry their commit, so all messages are read.
  for await (const messages of bus.read(stream, { from: first, untilNow: true, signal })) {
    for (const event of reader.push(messages))
      if (event.kind === 'commit' && (event.commit.inputs?.[input]?.offset ?? -1) >= offset) return event.position.offset
  }
  return null
}

async function checkpointOffset({ places }: Ledger, graph: string, input: string): Promise<number | null> {
  using lent = await lendState(places, graph)
  return lent.checkpoint?.head.inputs[input]?.offset ?? null
}

function hasOldCheckpoint(at: number | null, goneAt: number): boolean {
  return at !== null && at < goneAt
}

/** A store that has nothing of the graph, or whose file is not there, holds nothing. A server that does not answer may hold the row. */
async function storeObstacle({ loaded }: Ledger, store: string, graph: string, upTo: number): Promise<readonly Obstacle[]> {
  const driver = await storeDriver(loaded, store)
  try {
    await using views = await driver.openForReading()
    const position = await views.position(graphStream(graph))
    if (position === null || position.offset >= upTo) return []
    return [{ why: `the store ${store} has not taken in yet what ${graph} wrote when the row was gone`, fix: CATCH_UP }]
  } catch (error) {
    if (!isSheetflowError(error, 'store/unavailable')) throw error
    if (driver.bytes.file !== null) return []
    return [{ why: `the store ${store} cannot be asked how far it is: ${error.message}`, fix: error.fix ?? 'Try again later.' }]
  }
}
