import type { ProtocolError } from './codes.ts'

/** One command of a client, as the JSON form of the Centrifugo client protocol has it. `null`: an empty command, the answer to a ping. */
export type ClientCommand =
  | { readonly kind: 'pong' }
  | { readonly kind: 'connect'; readonly id: number; readonly token: string | null }
  | { readonly kind: 'subscribe'; readonly id: number; readonly request: SubscribeRequest }
  | { readonly kind: 'unsubscribe'; readonly id: number; readonly channel: string }
  | { readonly kind: 'refresh'; readonly id: number; readonly token: string }
  | { readonly kind: 'sub_refresh'; readonly id: number; readonly channel: string; readonly token: string }
  | { readonly kind: 'rpc'; readonly id: number; readonly method: string; readonly data: unknown }
  /** Known to the protocol, but not to us (publish, history, presence, …). */
  | { readonly kind: 'other'; readonly id: number }
  /** No reply is expected. */
  | { readonly kind: 'send' }

export interface SubscribeRequest {
  readonly channel: string
  readonly token: string
  /** Where to recover from; null if the client does not ask for it. */
  readonly from: { readonly epoch: string; readonly offset: number } | null
}

type Fields = Readonly<Record<string, unknown>>

/** The commands of one frame: JSON objects, one a line. Null if any of them is not one: the connection has to be closed (3501). */
export function parseFrame(frame: string): readonly ClientCommand[] | null {
  const commands: ClientCommand[] = []
  for (const line of frame.split('\n')) {
    if (line.trim() === '') continue
    const command = parseCommand(line)
    if (command === null) return null
    commands.push(command)
  }
  return commands
}

function parseCommand(line: string): ClientCommand | null {
  let body: unknown
  try {
    body = JSON.parse(line)
  } catch {
    return null
  }
  if (!isFields(body)) return null
  const names = Object.keys(body)
  if (names.length === 0) return { kind: 'pong' }
  if (isFields(body['send'])) return { kind: 'send' }
  const id = body['id']
  if (!Number.isSafeInteger(id) || (id as number) <= 0) return null
  for (const name of names) {
    if (name === 'id') continue
    const fields = body[name]
    return isFields(fields) ? command(id as number, name, fields) : null
  }
  return null
}

function command(id: number, name: string, fields: Fields): ClientCommand | null {
  switch (name) {
    case 'connect':
      return { kind: 'connect', id, token: optionalText(fields['token']) }
    case 'subscribe':
      return { kind: 'subscribe', id, request: subscribeRequest(fields) }
    case 'unsubscribe':
      return { kind: 'unsubscribe', id, channel: text(fields['channel']) }
    case 'refresh':
      return { kind: 'refresh', id, token: text(fields['token']) }
    case 'sub_refresh':
      return { kind: 'sub_refresh', id, channel: text(fields['channel']), token: text(fields['token']) }
    case 'rpc':
      return { kind: 'rpc', id, method: text(fields['method']), data: fields['data'] }
    default:
      return { kind: 'other', id }
  }
}

function subscribeRequest(fields: Fields): SubscribeRequest {
  const recovers = fields['recover'] === true
  const offset = fields['offset']
  return {
    channel: text(fields['channel']),
    token: text(fields['token']),
    from: recovers ? { epoch: text(fields['epoch']), offset: Number.isSafeInteger(offset) ? Math.max(0, offset as number) : 0 } : null,
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function optionalText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** The reply to command `id`: `result` is what stands under the command's name. */
export function replyText(id: number, name: string, result: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ id, [name]: result })
}

/** The reply to command `id` that it failed. */
export function errorText(id: number, error: ProtocolError): string {
  return JSON.stringify({ id, error })
}

/** What stands in the reply to a subscribe command. */
export interface SubscribeResult {
  readonly epoch: string
  readonly offset: number
  readonly recovered: boolean
  readonly ttl: number
  /** JSON texts. */
  readonly publications: readonly string[]
}

/** The reply to a subscribe command; the publications are JSON already. */
export function subscribeText(id: number, result: SubscribeResult): string {
  const { epoch, offset, recovered, ttl, publications } = result
  const recovery = recovered ? ',"recovered":true,"was_recovering":true' : ''
  const missed = publications.length === 0 ? '' : `,"publications":[${publications.join(',')}]`
  return (
    `{"id":${id},"subscribe":{"recoverable":true,"positioned":true,"epoch":${JSON.stringify(epoch)},"offset":${offset}` +
    `${recovery},"expires":true,"ttl":${ttl}${missed}}}`
  )
}

/** Is this text, made here, the reply to a command? Else it is a push or a ping. */
export function isReply(text: string): boolean {
  return text.startsWith('{"id":')
}

/** The server ends a subscription. */
export function unsubscribeText(channel: string, why: { readonly code: number; readonly reason: string }): string {
  return JSON.stringify({ push: { channel, unsubscribe: { code: why.code, reason: why.reason } } })
}

/** The server's ping. */
export const PING_TEXT = '{}'
