import { readdirSync, type Dirent } from 'node:fs'
import path from 'node:path'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Config } from '../config/config.ts'
import type { GraphPlan, Role } from './role.ts'

/** The one list of threads (ARCHITECTURE.md, Threads): which roles a start runs, in the order in which data passes them. */
export function rolesOf(config: Config, graphs: readonly GraphPlan[]): Role[] {
  return [
    ...Object.keys(config.sources).map((source): Role => ({ kind: 'capture', source })),
    ...graphs.map(({ graph }): Role => ({ kind: 'graph', graph })),
    ...Object.keys(config.stores).map((store): Role => ({ kind: 'store', store })),
    { kind: 'serve' },
  ]
}

/** Which graph runs which workbooks: as configured, every other workbook alone (FORMATS 5). `config/invalid` for unknown or doubled ones. */
export function graphsOf(config: Config, workbooksFolder: string): GraphPlan[] {
  const present = workbookNames(workbooksFolder)
  const joined = Object.entries(config.graphs).map(([graph, workbooks]) => ({ graph, workbooks }))
  const taken = new Set<string>()
  for (const { graph, workbooks } of joined) {
    for (const workbook of workbooks) {
      if (!present.includes(workbook)) throw unknownWorkbook(graph, workbook, present)
      if (taken.has(workbook)) throw doubledWorkbook(workbook)
      taken.add(workbook)
    }
  }
  const alone = present.filter((workbook) => !taken.has(workbook))
  return [...joined, ...alone.map((workbook) => ({ graph: workbook, workbooks: [workbook] }))]
}

function workbookNames(folder: string): string[] {
  let entries: Dirent[]
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    throw new SheetflowError('config/invalid', `there is no workbooks folder ${path.basename(folder)}`, {
      fix: "Create it with one folder a workbook, or run 'sheetflow init'.",
      cause: error,
    })
  }
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort()
}

function unknownWorkbook(graph: string, workbook: string, present: readonly string[]): SheetflowError {
  return new SheetflowError('config/invalid', `graphs.${graph} names the workbook '${workbook}', which is not there`, {
    fix: `Workbooks are: ${present.join(', ') || 'none yet'}.`,
  })
}

function doubledWorkbook(workbook: string): SheetflowError {
  return new SheetflowError('config/invalid', `the workbook '${workbook}' stands in two graphs`, { fix: 'Name it in one of them only.' })
}
