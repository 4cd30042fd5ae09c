import type { ReadyInfo } from '../runtime/instance.ts'
import { bold } from './output.ts'

/** One line of the block: what, where. */
export type BlockLine = readonly [label: string, text: string]

/** The block that a start prints when it serves: where everything is and what to do next. */
export function readyBlock(info: ReadyInfo, title: string, extra: readonly BlockLine[]): string {
  const lines: BlockLine[] = [
    ...(info.hasPage ? [['Page', info.urls.page] as const] : []),
    [info.token === null ? 'GraphQL' : 'Explorer', `${info.urls.graphql}${info.token === null ? '' : '  (GraphQL)'}`],
    ['Metrics', info.urls.metrics],
    ...extra,
  ]
  const width = Math.max(...lines.map(([label]) => label.length))
  return ['', `  ${bold(title)}`, '', ...lines.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`), ''].join('\n')
}
