/** The public face of plugin. Packages of this repository import the exact file instead (`@sheetflow/plugin/define-functions`). */

export { TryLater } from '@sheetflow/core/try-later'
export { defineFunctions } from './define-functions.ts'
export type { Answered, CallContext, FunctionDefinition, FunctionSet, FunctionSpec, Timeout } from './define-functions.ts'
export type { SentType } from '@sheetflow/core/sent-type'
export type { ArgumentsOf, ParameterShape } from './function-types.ts'
export { ModuleFunctions } from './typescript/module-functions.ts'
