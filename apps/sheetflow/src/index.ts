/** What a project of a user imports: `import { defineConfig, defineCommands, secret, Rejected } from 'sheetflow'`. */
export { defineConfig, type ConfigInput } from './config/config.ts'
export { secret, type SecretRef } from './config/secret.ts'
export { defineCommands, type CommandDefinition, type CommandSet, type RunContext } from '@sheetflow/command/define-commands'
export { Rejected } from '@sheetflow/core/rejected'
