import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'
import { PAGE_TIMERS, type Timers } from '../host.ts'
import type { Address, Addresses } from './addresses.ts'
import type { Answer, AnswerError, Queries } from './transport.ts'

/** Gives the reader's token, or null for nobody; asked anew for each request, so that it may change. A rejection counts as being offline: it is asked again. */
export type TokenSource = () => string | null | Promise<string | null>

/** What is said in place of a server that is ending, is not there (yet) or has too much to do: by itself, or by a balancer before it. */
const AWAY: ReadonlySet<number> = new Set([408, 429, 502, 503, 504])

/** How questions are put, where the defaults do not fit. */
export interface GraphqlQueriesOptions {
  readonly timers?: Timers
  /** An address that says nothing for so long, be it before its answer or in the middle of it, has not answered; default 20,000. */
  readonly silenceMs?: number
}

/** What an address has said, whole. */
interface Said {
  readonly status: number
  readonly text: string
}

const SILENCE_MS = 20_000

/** Questions over HTTP POST. What one address does not answer (in time) is asked of the next, each once; a command bears this, its id makes it one. */
export class GraphqlQueries implements Queries {
  readonly #addresses: Addresses
  readonly #token: TokenSource
  readonly #timers: Timers
  readonly #silenceMs: number

  constructor(addresses: Addresses, token: TokenSource, { timers = PAGE_TIMERS, silenceMs = SILENCE_MS }: GraphqlQueriesOptions = {}) {
    this.#addresses = addresses
    this.#token = token
    this.#timers = timers
    this.#silenceMs = silenceMs
  }

  async ask(document: string, variables: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<Answer> {
    const token = await this.#reader()
    const said = await this.#post(JSON.stringify({ query: document, variables }), token, signal)
    if (said.status === 401) {
      const what = token === null ? 'nobody is signed in' : 'the server does not accept the token'
      throw new SheetflowError('access/unauthenticated', what, { fix: token === null ? 'Sign in.' : 'Sign in again.' })
    }
    const body = bodyOf(said)
    const errors = (body['errors'] ?? []) as readonly AnswerError[]
    if (AWAY.has(said.status) && !errors.some((error) => error.extensions?.retry === 'never'))
      throw offline(new SheetflowError('client/offline', errors[0]?.message ?? `status ${said.status}`))
    return {
      data: (body['data'] ?? null) as Answer['data'],
      errors,
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

  async #post(body: string, token: string | null, signal: AbortSignal | undefined): Promise<Said> {
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (token !== null) headers['authorization'] = `Bearer ${token}`
    for (let left = this.#addresses.size - 1; ; left--) {
      const address = this.#addresses.current
      try {
        const said = await this.#askAt(address, { method: 'POST', headers, body }, signal)
        if (left === 0 || !AWAY.has(said.status)) return said
      } catch (error) {
        if (left === 0 || signal?.aborted === true) throw offline(error)
      }
      this.#addresses.leave(address)
    }
  }

  /** What this address says, whole; rejects when it is silent for too long. An answer that comes slowly is an answer. */
  async #askAt(address: Address, request: RequestInit, signal: AbortSignal | undefined): Promise<Said> {
    const silence = new AbortController()
    const either = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal])
    let callOff = (): void => undefined
    const listen = (): void => {
      callOff()
      callOff = this.#timers.after(this.#silenceMs, () => silence.abort(silent(address, this.#silenceMs)))
    }
    try {
      listen()
      const { status, body } = await fetch(address.graphql, { ...request, signal: either })
      const text = body === null ? '' : await readText(body, listen)
      return { status, text }
    } finally {
      callOff()
    }
  }
}

/** The whole text; `heard` is called at each piece of it. */
async function readText(body: ReadableStream<Uint8Array>, heard: () => void): Promise<string> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  for (let text = ''; ;) {
    heard()
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    text += decoder.decode(value, { stream: true })
  }
}

/** The answer; whatever stands between us and the server answers in its own way while that is away. */
function bodyOf({ status, text }: Said): Record<string, unknown> {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    throw offline(error)
  }
  if (typeof body === 'object' && body !== null && ('data' in body || 'errors' in body)) return body
  throw offline(new SheetflowError('client/offline', `status ${status} without an answer to the question`))
}

function silent({ graphql }: Address, ms: number): SheetflowError {
  return new SheetflowError('client/offline', `${graphql} has said nothing for ${ms} ms`, { retry: 'later' })
}

function extension(body: Record<string, unknown>, name: string): unknown {
  return (body['extensions'] as Record<string, unknown> | undefined)?.[name]
}

function offline(cause: unknown): SheetflowError {
  return new SheetflowError('client/offline', 'the server does not answer', { retry: 'later', cause })
}
