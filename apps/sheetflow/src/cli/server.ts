import { SheetflowError } from '@sheetflow/core/errors'
import { loadByLine } from './load-by-line.ts'
import { text, type OptionSpec, type OptionValues } from './options.ts'

/** Options of the commands that speak to a running Sheetflow. */
export const SERVER_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  url: { type: 'string', value: 'URL', help: 'address of the running Sheetflow (default: as configured)' },
  port: { type: 'string', value: 'N', help: 'its port, if not the configured one' },
}

/** The address of the server that a command line means. */
export async function serverUrl(options: OptionValues): Promise<string> {
  const url = text(options, 'url')
  if (url !== undefined) {
    if (/^https?:\/\//.test(url) && URL.canParse(url)) return url.replace(/\/$/, '')
    throw new SheetflowError('app/usage', `--url takes an address, not '${url}'`, { fix: 'For example --url http://127.0.0.1:4000.' })
  }
  const { config } = await loadByLine(options)
  const host = config.serve.host === '0.0.0.0' ? '127.0.0.1' : config.serve.host
  return `http://${host}:${config.serve.port}`
}

/** Fetches from the server; `client/offline` with the fix if nobody answers. */
export async function fetchServer(url: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    throw new SheetflowError('client/offline', `nobody answers at ${new URL(url).origin}`, {
      fix: "Start it with 'sheetflow dev', or name it with --url or --port.",
      cause: error,
    })
  }
}
