import { SheetflowError } from '@sheetflow/core/errors'
import type { Target } from '@sheetflow/core/ports/target'
import type { InboxPlace } from '@sheetflow/core/position'
import type { CommandSet } from '@sheetflow/command/define-commands'
import { CaptureRole } from '@sheetflow/source/capture/capture-role'
import { sizeBytes, type Config } from '../config/config.ts'
import { systemClock } from '../ops/system-clock.ts'
import { sourceDriver } from '../registry.ts'
import type { RoleContext } from '../runtime/role.ts'
import { CommandsAtSource } from './commands-at-source.ts'
import { loadCommands } from './load-commands.ts'

const REPORT_MS = 1000

/**
 * Captures one source and executes the commands that are sent to it, until the signal aborts. A source that is away is waited for; in dev one
 * that is away at the very start ends everything, because a developer sits before it.
 */
export async function runCaptureRole(context: RoleContext, name: string): Promise<void> {
  const { bus, log, token, config } = context
  const driver = await sourceDriver(context, name)
  await using source = await driver.open({ log, token })
  const commands = await loadCommands(context, name)
  await using target = commands.size === 0 ? null : await driver.openTarget({ retainCommandsMs: commandsKnownMs(config), log })
  const status = new SourceStatus(context)
  let lane: CommandsAtSource | null = null
  const role = new CaptureRole({
    name,
    source,
    bus,
    log,
    clock: systemClock,
    maxBytes: sizeBytes(config.limits.streamBytes),
    onStatus: (now, error) => status.became(now, error),
    ...(target === null ? {} : { commands: (finished) => (lane = commandsAtSource(context, name, commands, target, finished)) }),
  })
  const report = setInterval(() => context.report({ ...role.metrics(), ...lane?.metrics() }, status.problem ?? lane?.problem), REPORT_MS)
  try {
    await role.run(AbortSignal.any([context.signal, status.given]))
    status.check()
  } finally {
    clearInterval(report)
  }
}

/** Longer than the inbox is kept, so that whatever it delivers again is known. */
function commandsKnownMs({ limits }: Config): number {
  return (limits.retentionHours + 24) * 3_600_000
}

/** What the capture of a source means for its role. */
class SourceStatus {
  readonly #context: RoleContext
  readonly #giveUp = new AbortController()
  #reached = false
  #failure: SheetflowError | null = null
  /** Why nothing is read now. */
  problem: string | undefined

  constructor(context: RoleContext) {
    this.#context = context
  }

  /** Aborts when the role shall not go on trying. */
  get given(): AbortSignal {
    return this.#giveUp.signal
  }

  became(status: CaptureRole['status'], error: SheetflowError | null): void {
    this.problem = status === 'following' ? undefined : (error?.message ?? status)
    const isFirst = !this.#reached
    this.#reached ||= status === 'following' || !this.#context.dev
    if (isFirst && this.#reached) this.#context.ready()
    if (!this.#reached && error?.code === 'source/unreachable') this.#end(error)
    else this.#context.report({ source_status: status }, this.problem)
  }

  /** Throws what the role was given up for. */
  check(): void {
    if (this.#failure !== null) throw this.#failure
  }

  #end({ code, message, fix }: SheetflowError): void {
    this.#failure = new SheetflowError(code, message, { retry: 'never', ...(fix === undefined ? {} : { fix }) })
    this.#giveUp.abort()
  }
}

function commandsAtSource(
  context: RoleContext,
  source: string,
  commands: CommandSet,
  target: Target,
  finished: InboxPlace,
): CommandsAtSource {
  const { bus, log, graphs } = context
  return new CommandsAtSource({
    source,
    bus,
    commands,
    target,
    graphs: graphs.map(({ graph }) => graph),
    finished,
    clock: systemClock,
    log,
  })
}
