import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'
import type { Addresses } from './addresses.ts'
import type { Answer, AnswerError, Queries } from './transport.ts'

/** Gives the reader's token, or null for nobody; asked anew for each request, so that it may change. A rejection counts as being offline: it is asked again. */
export type TokenSource = () => string | null | Promise<string | null>

/** What is said in place of a server that is ending, or is not there (yet): by itself, or by a balancer before it. */
const AWAY: ReadonlySet<number> = new Set([502, 503, 504])

/** Questions over HTTP POST. What one address does not answer is asked of the next, each once; a command bears this, its id makes it one. */
export class GraphqlQueries implements Queries {
  readonly #addresses: Addresses
  readonly #token: TokenSource

  constructor(addresses: Addresses, token: TokenSource) {
    this.#addresses = addresses
    this.#token = token
  }

  async ask(document: string, variables: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<Answer> {
    const token = await this.#reader()
    const response = await this.#post(JSON.stringify({ query: document, variables }), token, signal)
    if (response.status === 401) {
      throw new SheetflowError('access/unauthenticated', 'the server does not accept the token', { fix: 'Sign in again.' })
    }
    const body = await bodyOf(response)
    return {
      data: (body['data'] ?? null) as Answer['data'],
      errors: (body['errors'] ?? []) as readonly AnswerError[],
      live: (extension(body, 'live') ?? {}) as Answer['live'],
      state: (extension(body, 'state') ?? {}) as Answer['state'],
    }
  }

  /** Whoever gives out tokens may be away as the server may. */
  async #reader(): Promise<string | null> {
    try {
      return await this.#token()
    } catch (error) {
      throw isSheetflowError(error) ? error : offline(error)
    }
  }

  async #post(body: string, token: string | null, signal: AbortSignal | undefined): Promise<Response> {
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (token !== null) headers['authorization'] = `Bearer ${token}`
    const request = { method: 'POST', headers, body, ...(signal === undefined ? {} : { signal }) }
    for (let left = this.#addresses.size - 1; ; left--) {
      const address = this.#addresses.current
      try {
        const response = await fetch(address.graphql, request)
        if (left === 0 || !AWAY.has(response.status)) return response
        await response.body?.cancel()
      } catch (error) {
        if (left === 0 || signal?.aborted === true) throw offline(error)
      }
      this.#addresses.leave(address)
    }
  }
}

async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  try {
    return (await response.json()) as Record<string, unknown>
  } catch (error) {
    // A proxy in between answers in its own way while the server is away.
    throw offline(error)
  }
}

function extension(body: Record<string, unknown>, name: string): unknown {
  return (body['extensions'] as Record<string, unknown> | undefined)?.[name]
}

function offline(cause: unknown): SheetflowError {
  return new SheetflowError('client/offline', 'the server does not answer', { retry: 'later', cause })
}
