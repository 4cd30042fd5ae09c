import { text, wholeNumber, type OptionValues } from './options.ts'

/** The flags that set a value of the configuration, shaped like it. */
export function flagLayer(options: OptionValues): Record<string, unknown> {
  const port = wholeNumber(options, 'port')
  const host = text(options, 'host')
  const data = text(options, 'data')
  const serve = { ...(port === undefined ? {} : { port }), ...(host === undefined ? {} : { host }) }
  return { ...(data === undefined ? {} : { data }), ...(Object.keys(serve).length === 0 ? {} : { serve }) }
}
