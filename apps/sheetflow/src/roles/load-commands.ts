import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { defineCommands, type CommandSet } from '@sheetflow/command/define-commands'
import { SheetflowError } from '@sheetflow/core/errors'
import { offerOwnPackage } from '../config/own-package.ts'
import type { RolePlan } from '../runtime/role.ts'

/** The commands of a source, from the module that its configuration names; empty if it names none. */
export async function loadCommands(plan: Pick<RolePlan, 'config' | 'root'>, source: string): Promise<CommandSet> {
  const file = plan.config.sources[source]?.commands
  if (file === undefined) return defineCommands({})
  let loaded: { default?: unknown }
  offerOwnPackage()
  try {
    loaded = (await import(pathToFileURL(path.resolve(plan.root, file)).href)) as { default?: unknown }
  } catch (error) {
    throw new SheetflowError('config/invalid', `the commands file ${file} cannot be loaded: ${String(error)}`, {
      fix: 'Mend it; its default export is defineCommands({…}).',
      cause: error,
    })
  }
  if (loaded.default instanceof Map) return loaded.default as CommandSet
  throw new SheetflowError('config/invalid', `the commands file ${file} has no commands`, {
    fix: 'Write: export default defineCommands({…})',
  })
}
