/** What a project of a user imports: `import { defineConfig, defineCommands, defineFunctions, secret, Rejected } from 'sheetflow'`. */
export { defineConfig, type ConfigInput } from './config/config.ts'
export { secret, type SecretRef } from './config/secret.ts'
export { defineCommands, type CommandDefinition, type CommandSet, type RunContext } from '@sheetflow/command/define-commands'
export {
  defineFunctions,
  type Answered,
  type CallContext,
  type FunctionDefinition,
  type FunctionSet,
} from '@sheetflow/plugin/define-functions'
export { TryLater } from '@sheetflow/core/try-later'
export { Rejected } from '@sheetflow/core/rejected'
