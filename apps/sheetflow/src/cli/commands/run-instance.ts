import type { Config } from '../../config/config.ts'
import { placesOf } from '../../config/places.ts'
import type { LoadedConfig } from '../../config/load.ts'
import type { BusDriver } from '../../drivers/bus/bus-driver.ts'
import { busDriver } from '../../registry.ts'
import { chosenRoles, runInstance } from '../../runtime/instance.ts'
import { lockDataFolder } from '../../runtime/lock.ts'
import { assertPortFree } from '../../runtime/port.ts'
import { graphsOf } from '../../runtime/roles.ts'
import { EXIT } from '../exit-code.ts'
import { loadByLine } from '../load-by-line.ts'
import { text, type OptionSpec, type ParsedLine } from '../options.ts'
import type { Output } from '../output.ts'
import { readyBlock, type BlockLine } from '../ready-block.ts'
import { stopSignal } from '../stop-signal.ts'

/** Long enough for a balancer that asks every second or two, and for clients not to come back all at once. */
const DRAIN_SECONDS = 5

/** Options of the commands that run everything. */
export const RUN_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  port: { type: 'string', value: 'N', help: 'port to listen on (default 4000)' },
  host: { type: 'string', value: 'ADDRESS', help: 'address to listen on (default 127.0.0.1)' },
  'ops-port': { type: 'string', value: 'N', help: 'port of /healthz, /readyz, /metrics; off (default: where it serves, else a free one)' },
  'persisted-only': { type: 'boolean', help: 'answer only what stands in serve.operations' },
}

/** What a program that wraps Sheetflow brings up before it and takes down after it. */
export interface Surroundings extends AsyncDisposable {
  /** Lines of the block. */
  readonly lines: readonly BlockLine[]
  /** More of the event `ready`, for programs that start this one. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Rejects when the whole cannot go on, with why; otherwise pending. */
  readonly failed: Promise<never>
}

/** How `dev`, `start` and the demo differ. */
export interface RunStyle {
  readonly dev: boolean
  readonly title: string
  readonly extra?: readonly BlockLine[]
  /** Called when the data folder is locked and the port was free, before anything runs. The signal aborts at the first Ctrl-C. */
  readonly surround?: (signal: AbortSignal) => Promise<Surroundings>
}

/** Runs Sheetflow by a command line until Ctrl-C; resolves to 0 after draining. */
export async function runByLine(line: ParsedLine, output: Output, style: RunStyle): Promise<number> {
  // Whoever reads the events waits for this one; what the roles say before it comes after it.
  output.holdUntil('ready')
  using stop = stopSignal((message) => output.note(message))
  const loaded = await loadByLine(line.options)
  const roles = text(line.options, 'roles')
  // Processes with a part of the roles may share the folder: leases choose among them.
  using _lock = roles === undefined ? lockDataFolder(placesOf(loaded.config, loaded.root).data) : null
  if (await serves(loaded, roles)) await assertPortFree(loaded.config.serve.port, loaded.config.serve.host)
  await using around = (await style.surround?.(stop.signal)) ?? null
  const failing = new AbortController()
  const failure = around?.failed.catch((error: unknown) => {
    failing.abort()
    throw error
  })
  failure?.catch(() => undefined)
  const bus = await busDriver(loaded)
  const running = runInstance({
    loaded,
    output,
    roles,
    dev: style.dev,
    signal: AbortSignal.any([stop.signal, failing.signal]),
    drainMs: () => (stop.by === 'SIGTERM' && !style.dev ? drainMsOf(loaded.config, bus) : 0),
    onReady: ({ serve, opsUrl }) => {
      const tookMs = sinceStartMs()
      const ops: readonly BlockLine[] = opsUrl === null ? [] : [['Health', `${opsUrl}/readyz`]]
      const ready: BlockLine = ['Ready', `in ${seconds(tookMs)}. Ctrl-C stops.`]
      const block = readyBlock(serve, style.title, [...(style.extra ?? []), ...(around?.lines ?? []), ...ops, ready])
      const said = serve === null ? { roles } : { urls: serve.urls, token: serve.token }
      output.event('ready', { ...said, ...(opsUrl === null ? {} : { opsUrl }), tookMs, ...around?.fields }, block)
    },
    onMoving: () => {
      const tookMs = sinceStartMs()
      output.event('moving', { tookMs })
      output.note(`rows move, ${seconds(tookMs)} after the start`)
    },
  })
  await running
  if (failing.signal.aborted) await failure
  output.event('stopped', {})
  return EXIT.ok
}

/** Does this start listen? Checks `--roles` before anything begins. */
async function serves(loaded: LoadedConfig, roles: string | undefined): Promise<boolean> {
  const graphs = graphsOf(loaded.config, placesOf(loaded.config, loaded.root).workbooks)
  return (await chosenRoles({ loaded, roles }, graphs)).some(({ kind }) => kind === 'serve')
}

/** How long clients are sent elsewhere: nowhere, where nobody else can serve them. */
function drainMsOf({ serve }: Config, { isShared }: BusDriver): number {
  return (serve.drainSeconds ?? (isShared ? DRAIN_SECONDS : 0)) * 1000
}

/** Milliseconds since this process began. */
function sinceStartMs(): number {
  return Math.round(performance.now())
}

/** `2.3 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
