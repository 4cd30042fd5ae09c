import { SheetflowError } from '@sheetflow/core/errors'
import type { CommandHandler } from '@sheetflow/core/ports/target'

/**
 * Stands for a handler that is not there yet, or not any more: what serves takes commands that whoever carries them out does not know when it is upgraded first. It does nothing and says that the
 * reason may pass, so the target rolls back and the command stays open for as long as it is valid.
 */
export function missingHandler(name: string): CommandHandler {
  return {
    name,
    run: () =>
      Promise.reject(
        new SheetflowError('command/unknown', `there is no handler of the command '${name}' here`, {
          retry: 'later',
          fix: 'Upgrade the process that captures its source, or define the command again.',
        }),
      ),
  }
}
