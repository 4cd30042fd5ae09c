import type { BoundGraph } from '@sheetflow/formula/bound'
import type { Compile } from '../graph/compile.ts'

/** Compiles a version to the graph of that name, once all of its tables are known. */
export function compileFrom(graphs: Readonly<Record<string, BoundGraph>>): Compile {
  return ({ version }, schemas) => {
    const graph = graphs[version]
    if (graph === undefined) return { graph: null, problems: [`no graph ${version}`] }
    const unknown = graph.tables.filter((table) => !schemas.has(table.id)).map((table) => `no table ${table.id}`)
    return unknown.length > 0 ? { graph: null, problems: unknown } : { graph }
  }
}
