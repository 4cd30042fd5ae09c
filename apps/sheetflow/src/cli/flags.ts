import { SheetflowError } from '@sheetflow/core/errors'
import { text, wholeNumber, type OptionValues } from './options.ts'

const LAST_PORT = 65_535

/** The flags that set a value of the configuration, shaped like it. */
export function flagLayer(options: OptionValues): Record<string, unknown> {
  const port = wholeNumber(options, 'port')
  if (port !== undefined && port > LAST_PORT) {
    throw new SheetflowError('app/usage', `--port takes a number from 0 to ${LAST_PORT}, not ${port}`, { fix: 'For example --port 4000.' })
  }
  const host = text(options, 'host')
  const data = text(options, 'data')
  const serve = {
    ...(port === undefined ? {} : { port }),
    ...(host === undefined ? {} : { host }),
    ...(options['persisted-only'] === true ? { persistedOnly: true } : {}),
  }
  return { ...(data === undefined ? {} : { data }), ...(Object.keys(serve).length === 0 ? {} : { serve }) }
}
