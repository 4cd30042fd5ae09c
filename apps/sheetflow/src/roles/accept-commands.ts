import type { CommandSet } from '@sheetflow/command/define-commands'
import { commandIntake } from '@sheetflow/command/intake'
import type { AcceptCommand } from '@sheetflow/core/ports/commands'
import { systemClock } from '../ops/system-clock.ts'
import type { RoleContext } from '../runtime/role.ts'
import { loadCommands } from './load-commands.ts'

/** Takes the commands of all sources. */
export async function acceptCommands(context: RoleContext): Promise<AcceptCommand> {
  const sources: Record<string, CommandSet> = {}
  for (const source of Object.keys(context.config.sources)) sources[source] = await loadCommands(context, source)
  return commandIntake({ bus: context.bus, sources, clock: systemClock })
}
