import { runInstance } from '../../runtime/instance.ts'
import type { OptionSpec, ParsedLine } from '../options.ts'
import { EXIT } from '../exit-code.ts'
import { loadByLine } from '../load-by-line.ts'
import type { Output } from '../output.ts'
import { readyBlock, type BlockLine } from '../ready-block.ts'
import { stopSignal } from '../stop-signal.ts'

/** Options of the commands that run everything. */
export const RUN_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  port: { type: 'string', value: 'N', help: 'port to listen on (default 4000)' },
  host: { type: 'string', value: 'ADDRESS', help: 'address to listen on (default 127.0.0.1)' },
}

/** How `dev`, `start` and the demo differ. */
export interface RunStyle {
  readonly dev: boolean
  readonly title: string
  readonly extra?: readonly BlockLine[]
  /** More of the event `ready`, for programs that start this one. */
  readonly fields?: Readonly<Record<string, unknown>>
  /** Aborts beside Ctrl-C. */
  readonly signal?: AbortSignal
}

/** Runs Sheetflow by a command line until Ctrl-C; resolves to 0 after draining. */
export async function runByLine(line: ParsedLine, output: Output, style: RunStyle): Promise<number> {
  const startedAt = performance.now()
  using stop = stopSignal((message) => output.note(message))
  const loaded = await loadByLine(line.options)
  await runInstance({
    loaded,
    dev: style.dev,
    output,
    signal: style.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, style.signal]),
    onReady: (info) => {
      const tookMs = Math.round(performance.now() - startedAt)
      const extra: BlockLine[] = [...(style.extra ?? []), ['Ready', `in ${(tookMs / 1000).toFixed(1)} s. Ctrl-C stops.`]]
      output.event('ready', { urls: info.urls, token: info.token, tookMs, ...style.fields }, readyBlock(info, style.title, extra))
    },
  })
  output.event('stopped', {}, undefined)
  return EXIT.ok
}
