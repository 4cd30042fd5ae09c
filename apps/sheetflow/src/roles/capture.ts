import { CommandRunner } from '@sheetflow/command/command-runner'
import type { CommandSet } from '@sheetflow/command/define-commands'
import { CaptureRole, type CaptureOptions } from '@sheetflow/source/capture/capture-role'
import { sizeBytes } from '../config/config.ts'
import { systemClock } from '../ops/system-clock.ts'
import { openSource, openTarget } from '../registry.ts'
import type { RoleContext } from '../runtime/role.ts'
import { loadCommands } from './load-commands.ts'

const REPORT_MS = 1000

/** Captures one source and executes the commands that are sent to it, until the signal aborts. */
export async function runCaptureRole(context: RoleContext, name: string): Promise<void> {
  const { bus, log, signal, config } = context
  await using source = await openSource(context, name, log)
  const commands = await loadCommands(context, name)
  await using target = commands.size === 0 ? null : await openTarget(context, name, log)
  await target?.prepare(signal)
  const lane = target === null ? {} : { commands: commandLane(context, name, commands, target) }
  const role = new CaptureRole({ name, source, bus, log, clock: systemClock, maxBytes: sizeBytes(config.limits.streamBytes), ...lane })
  const report = setInterval(() => context.report(role.metrics()), REPORT_MS)
  context.ready()
  try {
    await role.run(signal)
  } finally {
    clearInterval(report)
  }
}

function commandLane(
  context: RoleContext,
  source: string,
  commands: CommandSet,
  target: Awaited<ReturnType<typeof openTarget>>,
): NonNullable<CaptureOptions['commands']> {
  const { bus, log, graphs } = context
  return (finished) =>
    new CommandRunner({ source, bus, commands, target, graphs: graphs.map(({ graph }) => graph), finished, clock: systemClock, log })
}
