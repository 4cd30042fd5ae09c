import path from 'node:path'
import type { Config } from './config.ts'

/** Where each part keeps its files, as absolute paths. */
export interface Places {
  readonly data: string
  readonly blobs: string
  readonly workbooks: string
  /** Checkpoint file of a graph. */
  state(graph: string): string
  /** What has gone through the operators of a graph, for `sheetflow explain`. */
  figures(graph: string): string
}

/** Resolves the configuration's paths against its folder; whatever is not named lies in the data folder. */
export function placesOf(config: Config, root: string): Places {
  const data = path.resolve(root, config.data)
  return {
    data,
    blobs: config.blobs === undefined ? path.join(data, 'blobs') : path.resolve(root, config.blobs.dir),
    workbooks: path.resolve(root, config.workbooks),
    state: (graph) => path.join(data, 'state', `${graph}.db`),
    figures: (graph) => path.join(data, 'state', `${graph}.operators.json`),
  }
}
