import type { ReadyInfo } from '../runtime/instance.ts'
import { bold } from './output.ts'

/** One line of the block: what, where. */
export type BlockLine = readonly [label: string, text: string]

/** The block that a start prints: where everything is and what to do next. `info`: null if it serves nothing. */
export function readyBlock(info: ReadyInfo | null, title: string, extra: readonly BlockLine[]): string {
  const lines: BlockLine[] = [...(info === null ? [] : served(info)), ...extra]
  const width = Math.max(...lines.map(([label]) => label.length))
  return ['', `  ${bold(title)}`, '', ...lines.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`), ''].join('\n')
}

function served({ urls, token, hasPage }: ReadyInfo): readonly BlockLine[] {
  return [
    ...(hasPage ? [['Page', urls.page] as const] : []),
    [token === null ? 'GraphQL' : 'Explorer', `${urls.graphql}${token === null ? '' : '  (GraphQL)'}`],
    ['Metrics', urls.metrics],
  ]
}
