import { createServer } from 'node:net'
import { SheetflowError } from '@sheetflow/core/errors'

/** Says `app/port-in-use` before anything is started, rather than after. 0 means any port and is always free. */
export async function assertPortFree(port: number, host: string): Promise<void> {
  if (port === 0) return
  const probe = createServer()
  await new Promise<void>((free, taken) => {
    probe.once('error', (error: NodeJS.ErrnoException) => taken(refusal(error, port, host)))
    probe.listen(port, host, () => void probe.close(() => free()))
  })
}

function refusal(error: NodeJS.ErrnoException, port: number, host: string): SheetflowError {
  switch (error.code) {
    case 'EADDRINUSE':
      return new SheetflowError('app/port-in-use', `port ${port} is taken by another program`, {
        fix: `Stop it, or choose another with --port ${port + 1}.`,
        cause: error,
      })
    case 'EACCES':
      return new SheetflowError('config/invalid', `port ${port} may not be used by this user`, {
        fix: 'Choose one above 1023 with --port.',
        cause: error,
      })
    default:
      return new SheetflowError('config/invalid', `cannot listen on ${host}:${port}: ${error.message}`, {
        fix: 'Check serve.host and serve.port.',
        cause: error,
      })
  }
}
