import { isSheetflowError } from '@sheetflow/core/errors'
import type { SheetflowError } from '@sheetflow/core/errors'
import type { Claims } from '@sheetflow/core/ports/host'
import { commandOf } from '../commands/command-of.ts'
import { toldError } from '../told-error.ts'
import { ERRORS } from './codes.ts'
import type { ProtocolError } from './codes.ts'
import { errorText, replyText } from './protocol.ts'
import type { GatewayServices } from './services.ts'

/** A remote call of a client; the reply as text. `command` takes a command (FORMATS 9), `lease` renews a subscription token. */
export async function callRpc(
  services: GatewayServices,
  call: { readonly id: number; readonly method: string; readonly data: unknown },
  claims: Claims,
): Promise<string> {
  try {
    switch (call.method) {
      case 'command':
        return replyText(call.id, 'rpc', { data: await services.commands.accept(commandOf(call.data), claims) })
      case 'lease':
        return replyText(call.id, 'rpc', { data: { token: services.tokens.renew(tokenOf(call.data), claims) } })
      default:
        return errorText(call.id, ERRORS.methodNotFound)
    }
  } catch (error) {
    if (isSheetflowError(error)) return errorText(call.id, protocolError(toldError(error, services)))
    services.log.error('rpc failed', { method: call.method, error: String(error) })
    return errorText(call.id, ERRORS.internal)
  }
}

function tokenOf(data: unknown): string {
  const token = typeof data === 'object' && data !== null && 'token' in data ? data.token : undefined
  return typeof token === 'string' ? token : ''
}

/** Our code stands in front of the message; the number says what the protocol can. */
function protocolError(error: SheetflowError): ProtocolError {
  const message = `${error.code}: ${error.message}`
  switch (error.code) {
    case 'access/denied':
    case 'query/bad-token':
      return { ...ERRORS.denied, message }
    case 'access/unauthenticated':
      return { ...ERRORS.unauthorized, message }
    case 'command/unknown':
      return { ...ERRORS.methodNotFound, message }
    default:
      return error.retry === 'never' ? { ...ERRORS.badRequest, message } : { ...ERRORS.internal, message }
  }
}
