import type { FunctionSignatures } from '@sheetflow/core/function-signature'
import type { Deployment } from '@sheetflow/core/message'
import type { LoadedConfig } from '../../config/load.ts'
import { placesOf } from '../../config/places.ts'
import { lastDeployment } from '../../deploy/last-deployment.ts'
import type { TableSchemas } from '../../deploy/table-schemas.ts'
import { readWorkbookFiles, type WorkbookFiles } from '../../deploy/workbook-files.ts'
import { functionSignatures } from '../../functions/load-functions.ts'
import { graphsOf } from '../../runtime/roles.ts'
import { loadByLine } from '../load-by-line.ts'
import type { ParsedLine } from '../options.ts'
import { openPastIfThere } from '../../registry.ts'
import { selectFiles, type Selection } from './selection.ts'
import { knownTables } from './table-schemas.ts'

/** One graph with the files of its workbooks. */
export interface GraphFiles {
  readonly graph: string
  readonly files: WorkbookFiles
}

/** The workbooks that a command line means. */
export interface Workbooks {
  readonly loaded: LoadedConfig
  /** Absolute path of the workbooks folder. */
  readonly folder: string
  readonly graphs: readonly GraphFiles[]
  readonly selection: Selection
}

/** What the files of the workbooks are checked against. */
export interface Surroundings {
  readonly tables: TableSchemas
  /** By graph: ids of the deployment that ran last here; a graph that never ran has none. */
  readonly running: ReadonlyMap<string, Deployment>
  /** Asynchronous functions that formulas may call. */
  readonly functions: FunctionSignatures
}

/** Reads the workbooks' files. */
export async function openWorkbooks(line: ParsedLine): Promise<Workbooks> {
  const loaded = await loadByLine(line.options)
  const folder = placesOf(loaded.config, loaded.root).workbooks
  const graphs = graphsOf(loaded.config, folder).map(({ graph, workbooks }) => ({ graph, files: readWorkbookFiles(folder, workbooks) }))
  const all = graphs.flatMap(({ files }) => Object.keys(files))
  const selection = selectFiles(line.positionals, folder, process.cwd(), all)
  return { loaded, folder, graphs, selection }
}

/** Tables and running deployments, from the bus if there is one, else from the sources. */
export async function surroundingsOf({ loaded, graphs }: Workbooks): Promise<Surroundings> {
  const bus = await openPastIfThere(loaded)
  try {
    const tables = await knownTables(loaded, bus)
    const running = new Map<string, Deployment>()
    for (const { graph } of graphs) {
      const last = bus === null ? null : await lastDeployment(bus, graph)
      if (last !== null) running.set(graph, last)
    }
    return { tables, running, functions: await functionSignatures(loaded) }
  } finally {
    await bus?.[Symbol.asyncDispose]()
  }
}
