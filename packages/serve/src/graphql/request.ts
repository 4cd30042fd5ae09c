import { refused } from './document.ts'

/** A request as its body or its URL has it. */
export interface GraphqlRequest {
  readonly query: string
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
}

/** The request in a JSON body; throws `RefusedDocument`. Several requests in one body are not taken: a request has as many root fields as it likes. */
export function parseRequest(body: string): GraphqlRequest {
  let request: unknown
  try {
    request = JSON.parse(body)
  } catch {
    throw refused('query/parse', 'the body is not JSON')
  }
  if (Array.isArray(request)) throw refused('query/invalid', 'one request at a time: ask for several root fields instead')
  const {
    query,
    operationName = null,
    variables = null,
  } = (typeof request === 'object' && request !== null ? request : {}) as Record<string, unknown>
  if (typeof query !== 'string') throw refused('query/parse', 'the body has no `query`')
  if (operationName !== null && typeof operationName !== 'string') throw refused('query/parse', '`operationName` is a string')
  if (typeof variables !== 'object' || Array.isArray(variables)) throw refused('query/parse', '`variables` is an object')
  return { query, operationName, variables: (variables ?? {}) as Readonly<Record<string, unknown>> }
}
