import { SheetflowError } from '@sheetflow/core/errors'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { SheetSchema } from '@sheetflow/core/schema'
import { viewSchemas } from '@sheetflow/engine/ledger/read-output'
import { rebuild, type Rebuilt } from '@sheetflow/engine/ledger/rebuild'
import type { Running } from '@sheetflow/engine/graph/running'
import { didYouMean } from '@sheetflow/formula/suggest'
import type { LoadedConfig } from '../config/load.ts'
import { placesOf, type Places } from '../config/places.ts'
import { compileDeployment } from '../deploy/compile-deployment.ts'
import { lastDeployment } from '../deploy/last-deployment.ts'
import { lendState, openPastIfThere } from '../registry.ts'
import { graphsOf } from '../runtime/roles.ts'

/**
 * What has happened, to be looked at: the streams and checkpoints in the data folder. Nothing is written and nobody is asked, so it makes no
 * difference whether Sheetflow runs.
 */
export interface Ledger extends AsyncDisposable {
  readonly loaded: LoadedConfig
  readonly places: Places
  readonly bus: Bus
  readonly graphs: readonly string[]
  readonly sources: readonly string[]
  readonly signal: AbortSignal
}

/** A sheet that runs, or has run. */
export interface LedgerSheet {
  readonly graph: string
  /** `workbook.sheet` */
  readonly view: string
  /** As readers know it; null: it has none, so its changes are in no stream. */
  readonly schema: SheetSchema | null
}

/** Opens the ledger of a configuration. `ledger/empty` if nothing has ever run in its data folder. */
export async function openLedger(loaded: LoadedConfig): Promise<Ledger> {
  const places = placesOf(loaded.config, loaded.root)
  const bus = await openPastIfThere(loaded)
  if (bus === null) throw nothingHere()
  return {
    loaded,
    places,
    bus,
    graphs: graphsOf(loaded.config, places.workbooks).map(({ graph }) => graph),
    sources: Object.keys(loaded.config.sources),
    signal: new AbortController().signal,
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  }
}

/** The sheet of that name, with or without its workbook; letter case does not matter. `app/usage` for one that has never run, with the one that was meant. */
export async function findSheet(ledger: Ledger, name: string): Promise<LedgerSheet> {
  const known = await allSheets(ledger)
  const found = known.filter(({ view }) => equal(name, view) || equal(name, view.slice(view.indexOf('.') + 1)))
  const [first, second] = found
  if (first !== undefined && second === undefined) return first
  if (first === undefined) {
    if (known.length === 0) throw nothingHere()
    const fix = didYouMean(
      name,
      known.flatMap(({ view }) => [view, view.slice(view.indexOf('.') + 1)]),
    )
    throw new SheetflowError('app/usage', `there is no sheet ${name} among those that have run here`, {
      fix: fix ?? `Sheets are: ${known.map(({ view }) => view).join(', ')}.`,
    })
  }
  throw new SheetflowError('app/usage', `${name} may be several sheets`, { fix: `Write ${found.map(({ view }) => view).join(' or ')}.` })
}

/** The state of a graph as of a commit of its stream (absent: the last). `whole`: with what no deployment reads, from the streams' beginning. */
export async function rebuildGraph(
  { places, bus, sources, signal }: Ledger,
  graph: string,
  { until, whole = false }: { readonly until?: number; readonly whole?: boolean } = {},
): Promise<Rebuilt> {
  using lent = await lendState(places, graph)
  return await rebuild({
    bus,
    graph,
    sources,
    signal,
    checkpoint: whole ? null : lent.checkpoint,
    compile: compileDeployment,
    keepsAll: whole,
    ...(until === undefined ? {} : { until }),
  })
}

/** The deployment that answers in a rebuilt graph; `ledger/empty` if none does yet. */
export function activeIn({ graph, position }: Rebuilt): Running {
  if (graph.active !== null) return graph.active
  throw new SheetflowError('ledger/empty', `no deployment of ${graph.name} answers at ${position.offset} yet`, {
    fix: "Start Sheetflow and let it load its tables; 'sheetflow status' shows how far it is.",
  })
}

async function allSheets({ bus, graphs }: Ledger): Promise<readonly LedgerSheet[]> {
  const sheets: LedgerSheet[] = []
  for (const graph of graphs) {
    const published = await viewSchemas(bus, graph)
    const deployed = Object.keys((await lastDeployment(bus, graph))?.files ?? {}).map(viewOf)
    const views = new Set([...published.keys(), ...deployed])
    sheets.push(...[...views].sort().map((view) => ({ graph, view, schema: published.get(view) ?? null })))
  }
  return sheets
}

/** `sales/open_orders.sheet.yaml` → `sales.open_orders`; the workbook's own file holds its named values. */
function viewOf(file: string): string {
  const [workbook = '', name = ''] = file.split('/')
  return name === 'workbook.yaml' ? `${workbook}.${workbook}_values` : `${workbook}.${name.replace(/\.sheet\.yaml$/, '')}`
}

function nothingHere(): SheetflowError {
  return new SheetflowError('ledger/empty', 'nothing has run here yet', {
    fix: "Start it with 'sheetflow dev' or 'sheetflow start', or name another folder with --data DIR.",
  })
}

function equal(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
