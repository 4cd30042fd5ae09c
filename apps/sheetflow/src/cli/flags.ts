import { SheetflowError } from '@sheetflow/core/errors'
import { text, wholeNumber, type OptionValues } from './options.ts'

const LAST_PORT = 65_535

/** The flags that set a value of the configuration, shaped like it. */
export function flagLayer(options: OptionValues): Record<string, unknown> {
  const port = portOf(options, 'port')
  const opsPort = text(options, 'ops-port') === 'off' ? 'off' : portOf(options, 'ops-port')
  const host = text(options, 'host')
  const data = text(options, 'data')
  const serve = {
    ...(port === undefined ? {} : { port }),
    ...(host === undefined ? {} : { host }),
    ...(options['persisted-only'] === true ? { persistedOnly: true } : {}),
  }
  return {
    ...(data === undefined ? {} : { data }),
    ...(Object.keys(serve).length === 0 ? {} : { serve }),
    ...(opsPort === undefined ? {} : { ops: { port: opsPort } }),
  }
}

function portOf(options: OptionValues, name: string): number | undefined {
  const port = wholeNumber(options, name)
  if (port === undefined || port <= LAST_PORT) return port
  throw new SheetflowError('app/usage', `--${name} takes a number from 0 to ${LAST_PORT}, not ${port}`, {
    fix: `For example --${name} 4000.`,
  })
}
