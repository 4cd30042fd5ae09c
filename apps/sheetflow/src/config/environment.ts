import { SheetflowError } from '@sheetflow/core/errors'
import type { Layer } from './layers.ts'

/** Environment variables that set a value of the configuration, each with how its text is read. */
const VARIABLES: Readonly<Record<string, { readonly path: readonly string[]; readonly read: (text: string, name: string) => unknown }>> = {
  SHEETFLOW_DATA: { path: ['data'], read: (text) => text },
  SHEETFLOW_BUS: { path: ['bus'], read: (text) => ({ type: 'nats', servers: text.split(',') }) },
  SHEETFLOW_ARCHIVE: { path: ['archive'], read: (text) => ({ type: 'files', dir: text }) },
  SHEETFLOW_ARCHIVE_AFTER: { path: ['archive', 'afterSeconds'], read: wholeNumber },
  SHEETFLOW_PORT: { path: ['serve', 'port'], read: wholeNumber },
  SHEETFLOW_HOST: { path: ['serve', 'host'], read: (text) => text },
  SHEETFLOW_OPS_PORT: { path: ['ops', 'port'], read: (text, name) => (text === 'off' ? text : wholeNumber(text, name)) },
  SHEETFLOW_OPS_HOST: { path: ['ops', 'host'], read: (text) => text },
  SHEETFLOW_PAGE: { path: ['serve', 'page'], read: (text) => text },
  SHEETFLOW_JWKS: { path: ['serve', 'identity', 'jwks'], read: (text) => text },
  SHEETFLOW_WORKBOOKS: { path: ['workbooks'], read: (text) => text },
  SHEETFLOW_STEP_ROWS: { path: ['limits', 'stepRows'], read: wholeNumber },
  SHEETFLOW_STATE_BYTES: { path: ['limits', 'stateBytes'], read: (text) => text },
  SHEETFLOW_LIST_ROWS: { path: ['limits', 'listRows'], read: wholeNumber },
}

/** What the environment says about the configuration. */
export function environmentLayer(env: NodeJS.ProcessEnv): Layer {
  const values: Record<string, unknown> = {}
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const text = env[name]
    if (text !== undefined && text !== '') put(values, variable.path, variable.read(text, name))
  }
  return { origin: 'environment', values }
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head = '', ...rest] = path
  if (rest.length === 0) {
    target[head] = value
    return
  }
  const child = (target[head] ?? {}) as Record<string, unknown>
  target[head] = child
  put(child, rest, value)
}

function wholeNumber(text: string, name: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new SheetflowError('config/invalid', `${name} must be a whole number, not '${text}'`, { fix: `Set ${name} to digits only.` })
}
