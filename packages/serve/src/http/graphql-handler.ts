import type { IncomingMessage, ServerResponse } from 'node:http'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { Claims, Identity } from '@sheetflow/core/ports/host'
import { isAllowedOrigin } from '../gateway/origin.ts'
import type { GraphqlAnswer, GraphqlService } from '../graphql/graphql-service.ts'
import type { GraphqlRequest } from '../graphql/request.ts'
import type { ServeLimits } from '../limits.ts'
import { readBody, send, sendError } from './http-server.ts'
import type { HttpHandler } from './http-server.ts'

/** What `/graphql` needs. */
export interface GraphqlHandlerOptions {
  readonly service: GraphqlService
  readonly identity: Identity
  readonly limits: ServeLimits
  readonly anonymous: boolean
  readonly origins: readonly string[]
}

export const GRAPHQL_PATH = '/graphql'

const JSON_TYPE = 'application/json; charset=utf-8'
const NOBODY: Claims = { user: null, role: null, expires: null, all: {} }

/**
 * `POST /graphql` with a JSON body, `GET /graphql?query=…` for queries. Only `application/json` is taken: a page of another origin cannot send
 * it without asking first (S04).
 */
export function graphqlHandler(options: GraphqlHandlerOptions): HttpHandler {
  return async (request, response, url) => {
    if (url.pathname !== GRAPHQL_PATH || wantsPage(request)) return false
    if (!allowOrigin(request, response, options.origins)) sendError(response, 403, 'access/denied', 'this origin may not ask')
    else if (request.method === 'OPTIONS') send(response, 204, 'text/plain', '')
    else await answer(options, request, response, url)
    return true
  }
}

async function answer(options: GraphqlHandlerOptions, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const { service, limits } = options
  if (request.method !== 'POST' && request.method !== 'GET') {
    response.setHeader('allow', 'GET, POST')
    sendError(response, 405, 'METHOD', 'GraphQL is asked by GET or POST')
    return
  }
  const claims = await readerOf(options, request, response)
  if (claims === null) return
  if (request.method === 'GET') {
    const asked = requestOf(url)
    if (asked === null) sendError(response, 400, 'query/parse', '`variables` is no JSON object, or `query` is missing')
    else sendAnswer(response, await service.answerQuery(asked, claims))
    return
  }
  if (!/^application\/(graphql-response\+)?json\b/i.test(request.headers['content-type'] ?? '')) {
    sendError(response, 415, 'query/parse', 'send content-type: application/json')
    return
  }
  const body = await readBody(request, limits.bodyBytes)
  if (body === null) {
    response.setHeader('connection', 'close')
    sendError(response, 413, 'query/limit', `the body has more than ${limits.bodyBytes} bytes`)
  } else sendAnswer(response, await service.answer(body, claims))
}

function sendAnswer(response: ServerResponse, { status, body }: GraphqlAnswer): void {
  send(response, status, JSON_TYPE, body, { 'cache-control': 'no-store' })
}

/** Who asks; null if that was answered already. */
async function readerOf(options: GraphqlHandlerOptions, request: IncomingMessage, response: ServerResponse): Promise<Claims | null> {
  const header = request.headers.authorization
  if (header === undefined && options.anonymous) return NOBODY
  const token = /^Bearer (\S+)$/i.exec(header ?? '')?.[1]
  try {
    if (token !== undefined) return await options.identity.claims(token)
    sendError(response, 401, 'access/unauthenticated', 'send authorization: Bearer <token>')
  } catch (error) {
    if (!isSheetflowError(error, 'access/unauthenticated')) throw error
    // Of the token nothing is known while its provider is away: who asks again later is not refused.
    if (error.retry === 'later') sendError(response, 503, error.code, error.message, error.retry)
    else sendError(response, 401, error.code, error.message)
  }
  return null
}

/** GraphiQL is asked for by the same path; browsers accept HTML first. */
function wantsPage(request: IncomingMessage): boolean {
  return request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
}

function requestOf(url: URL): GraphqlRequest | null {
  const query = url.searchParams.get('query')
  if (query === null) return null
  try {
    const variables: unknown = JSON.parse(url.searchParams.get('variables') ?? '{}')
    if (typeof variables !== 'object' || variables === null || Array.isArray(variables)) return null
    return { query, operationName: url.searchParams.get('operationName'), variables: variables as Readonly<Record<string, unknown>> }
  } catch {
    return null
  }
}

function allowOrigin(request: IncomingMessage, response: ServerResponse, origins: readonly string[]): boolean {
  const { origin, host } = request.headers
  if (!isAllowedOrigin(origin, host, origins)) return false
  if (origin !== undefined) {
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-allow-headers', 'authorization, content-type')
    response.setHeader('access-control-allow-methods', 'GET, POST')
    response.setHeader('vary', 'origin')
  }
  return true
}
