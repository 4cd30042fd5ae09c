import type { SheetflowError } from '@sheetflow/core/errors'
import type { Executed } from './execute.ts'
import type { LoweredRoot } from './lowered.ts'

/** The JSON text of an answer. */
export function answerText({ data, errors, live, state }: Executed): string {
  const failed = errors.length === 0 ? '' : `"errors":${JSON.stringify(errors)},`
  return `{${failed}"data":{${data.join(',')}},"extensions":{"live":{${live.join(',')}},"state":{${state.join(',')}}}}`
}

/** The answer while a view is being filled: every field is null and says that it is loading, so that the page asks again. */
export function loadingAnswer(roots: readonly LoweredRoot[], error: SheetflowError): Executed {
  return {
    data: roots.map((root) => `${JSON.stringify(root.responseKey)}:null`),
    errors: roots.map((root) => ({ message: error.message, path: [root.responseKey], extensions: errorExtensions(error) })),
    live: [],
    state: roots.map((root) => `${JSON.stringify(root.responseKey)}:{"status":"loading"}`),
  }
}

/** `extensions` of an error of ours: everything but its message. */
export function errorExtensions(error: SheetflowError): Readonly<Record<string, unknown>> {
  const { code, retry, fix, details } = error
  return { code, retry, ...(fix === undefined ? {} : { fix }), ...(Object.keys(details).length === 0 ? {} : { details }) }
}
