import { backOffMs } from '@sheetflow/core/back-off'
import { SheetflowError } from '@sheetflow/core/errors'

/** What asking for tokens needs from its page. */
export interface TokenAddressHost {
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Numbers in [0, 1). */
  readonly random: () => number
  /** An answer that takes longer is none; default 10,000. */
  readonly limitMs?: number
}

/** Only these say that nobody is signed in. Every other answer without a token says nothing of who reads: too many questions, a slow proxy, a server that is away. */
const NOBODY: ReadonlySet<number> = new Set([401, 403, 404])
const LIMIT_MS = 10_000
const PAUSES = { firstMs: 500, mostMs: 15_000 }
/** Nobody is asked to stay away longer: a `Retry-After` beyond it is a mistake, or a clock that is wrong. */
const LONGEST_RETRY_AFTER_MS = 600_000

/** Until when the address is left alone, and what is said meanwhile. */
interface Pause {
  readonly from: number
  readonly until: number
  readonly error: SheetflowError
}

/**
 * An address that answers `{"token": "…"}`: a token, or `{"token": null}`, 401, 403 or 404 for nobody. All else is `client/offline` (retry later): whoever reads goes on reading, and the
 * address is not asked again before a pause is over that doubles from half a second to 15, or that its `Retry-After` names (ten minutes at most). Questions put while one is under way are that one.
 */
export class TokenAddress {
  readonly #src: string
  readonly #host: TokenAddressHost
  #asking: Promise<string | null> | null = null
  #pause: Pause | null = null
  #failures = 0

  constructor(src: string, host: TokenAddressHost) {
    this.#src = src
    this.#host = host
  }

  /** The token of now, or null for nobody. */
  async token(): Promise<string | null> {
    const now = this.#host.clock()
    const pause = this.#pause
    // A clock that was set back ends the pause, too.
    if (pause !== null && now >= pause.from && now < pause.until) throw pause.error
    this.#asking ??= this.#ask().finally(() => (this.#asking = null))
    return await this.#asking
  }

  async #ask(): Promise<string | null> {
    try {
      const answer = await fetch(this.#src, { cache: 'no-store', signal: AbortSignal.timeout(this.#host.limitMs ?? LIMIT_MS) })
      if (!answer.ok && !NOBODY.has(answer.status)) throw this.#away(`answers ${answer.status}`, answer)
      const token = answer.ok ? tokenIn(await answer.json()) : null
      this.#failures = 0
      this.#pause = null
      return token
    } catch (error) {
      throw error instanceof SheetflowError ? error : this.#away('does not answer with a token', null, error)
    }
  }

  #away(what: string, answer: Response | null, cause?: unknown): SheetflowError {
    const { clock, random } = this.#host
    const from = clock()
    this.#failures += 1
    const own = backOffMs(PAUSES, this.#failures, random())
    const pauseMs = Math.min(LONGEST_RETRY_AFTER_MS, Math.max(own, answer === null ? 0 : retryAfterMs(answer, from)))
    const fix = `It is asked again in ${Math.ceil(pauseMs / 1000)} s; nobody is signed in only where it answers 401, 403 or 404.`
    const error = new SheetflowError('client/offline', `${this.#src} ${what}`, { retry: 'later', fix, cause })
    this.#pause = { from, until: from + pauseMs, error }
    return error
  }
}

function tokenIn(body: unknown): string | null {
  return typeof body === 'object' && body !== null && 'token' in body && typeof body.token === 'string' ? body.token : null
}

/** Seconds, or a date: of the answer's own clock, where it says what that is. 0 where there is nothing to read. */
function retryAfterMs({ headers }: Response, now: number): number {
  const text = headers.get('retry-after')?.trim() ?? ''
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const until = Date.parse(text)
  const said = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(until) ? 0 : until - (Number.isNaN(said) ? now : said)
}
