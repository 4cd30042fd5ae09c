import type { ReadyInfo } from '../runtime/instance.ts'
import { bold } from './output.ts'

/** One line of the block: what, where. */
export type BlockLine = readonly [label: string, text: string]

/** The block that a start prints when it serves: where everything is and what to do next. */
export function readyBlock(info: ReadyInfo, title: string, extra: readonly BlockLine[]): string {
  const lines: BlockLine[] = [['Page', info.urls.page], ['GraphQL', info.urls.graphql], ['Metrics', info.urls.metrics], ...extra]
  const width = Math.max(...lines.map(([label]) => label.length))
  return ['', `  ${bold(title)}`, '', ...lines.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`), ''].join('\n')
}
