/** Commands: what an application may ask its sources to do, and what becomes of it. */
export { Rejected } from '@sheetflow/core/rejected'
export { CommandRunner, type CommandRunnerOptions } from './command-runner.ts'
export {
  defineCommands,
  type CommandDefinition,
  type CommandSet,
  type CommandSpec,
  type Duration,
  type RunContext,
} from './define-commands.ts'
export { commandIntake, type IntakeOptions } from './intake.ts'
export type { PayloadOf, PayloadShape, PayloadType, PayloadTypeName } from './payload.ts'
