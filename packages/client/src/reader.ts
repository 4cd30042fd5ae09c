import { SheetflowError } from '@sheetflow/core/errors'
import { decodeBase64Url } from '@sheetflow/core/base64'
import { stableJson } from '@sheetflow/core/json-text'
import { sha256Hex } from '@sheetflow/core/sha256'
import { NO_READER_MEMORY, type ReaderMemory } from './cache/reader-memory.ts'
import { PAGE_TIMERS, type Timers } from './host.ts'
import type { TokenSource } from './net/graphql-queries.ts'

/** A reader, as far as a token tells. Hashes, because they are kept. */
interface Known {
  /** All that the token says but for what changes from token to token: what one of them saw is not shown to another. */
  readonly name: string
  /** The person: rights may change without it. */
  readonly subject: string
}

/** After so many changes of the reader in so long a time no token is asked for: everything that a page does at a change asks for one, which would be the next change. */
const MOST_CHANGES = 4
const RECENT_MS = 10_000

/** Claims that change from token to token of one reader. */
const PASSING: ReadonlySet<string> = new Set(['exp', 'iat', 'nbf', 'jti'])

/** What a reader is made with beside where its tokens come from. */
export interface ReaderOptions {
  readonly memory?: ReaderMemory
  readonly timers?: Timers
  /** The claim that names the person: the server's `serve.identity.user`, without which `sub`. */
  readonly userClaim?: string
}

/**
 * Who reads, by the tokens that go through it. While no token can be had it is whoever it was last, in this page or (by the memory) before it was loaded
 * again. As soon as a token of another subject comes, also one of nobody, everything of the reader before has to go: `onChange`.
 */
export class Reader {
  readonly #server: string
  readonly #source: TokenSource
  readonly #memory: ReaderMemory
  readonly #listeners = new Set<() => void>()
  #known: Known | null = null
  #heard: string | null | undefined = undefined
  #changes = 0
  readonly #timers: Timers
  readonly #userClaim: string
  #recent = 0

  /** @param server tells servers apart in the memory: the address that is asked */
  constructor(server: string, source: TokenSource, options: ReaderOptions = {}) {
    this.#server = server
    this.#source = source
    this.#memory = options.memory ?? NO_READER_MEMORY
    this.#timers = options.timers ?? PAGE_TIMERS
    this.#userClaim = options.userClaim ?? 'sub'
  }

  /**
   * The token of now. Rejects as its source does, and with `access/unauthenticated` for a while when each token was another reader's. Listeners have heard of another reader before it
   * resolves.
   */
  readonly token = async (): Promise<string | null> => {
    if (this.#recent >= MOST_CHANGES) throw restless(this.#userClaim)
    const token = await this.#source()
    this.#hear(token)
    return token
  }

  /** Counts the changes of the reader. */
  get changes(): number {
    return this.#changes
  }

  /** A text that stands for the reader, the same for all tokens of one. Rejects if no token can be had and nobody is remembered. */
  async name(): Promise<string> {
    try {
      await this.token()
    } catch (error) {
      this.#known ??= this.#recall()
      if (this.#known === null) throw error
    }
    // What a token said, or what is remembered.
    return this.#known?.name ?? ''
  }

  /** Calls back when another subject reads. Returns the end of it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #hear(token: string | null): void {
    if (token === this.#heard) return
    const before = this.#known
    const now = knownBy(token, this.#userClaim)
    this.#heard = token
    this.#known = now
    this.#memory.save(this.#server, JSON.stringify(now))
    if (before === null || before.subject === now.subject) return
    this.#changes += 1
    this.#recent += 1
    this.#timers.after(RECENT_MS, () => (this.#recent -= 1))
    for (const listener of this.#listeners) listener()
  }

  #recall(): Known | null {
    try {
      const known = JSON.parse(this.#memory.load(this.#server) ?? 'null') as Partial<Known> | null
      return typeof known?.name === 'string' && typeof known.subject === 'string' ? { name: known.name, subject: known.subject } : null
    } catch {
      return null
    }
  }
}

function restless(userClaim: string): SheetflowError {
  return new SheetflowError('access/unauthenticated', 'each token was of another reader', {
    fix: `Give tokens a claim \`${userClaim}\` that is the same in all tokens of one reader, or say which claim is (the client's \`userClaim\`, as \`serve.identity.user\` has it).`,
  })
}

function knownBy(token: string | null, userClaim: string): Known {
  const claims = claimsOf(token)
  const name = sha256Hex(stableJson(claims))
  const { iss = null, [userClaim]: user } = typeof claims === 'object' && claims !== null ? claims : {}
  // Without a user every claim may be what tells persons apart. As the server reads it: a text, or a number for the same text.
  const isUser = typeof user === 'string' || typeof user === 'number'
  return { name, subject: isUser ? sha256Hex(stableJson([iss, String(user)])) : name }
}

/** What the token says of its reader; itself if it is no JWT; null for nobody. */
function claimsOf(token: string | null): Readonly<Record<string, unknown>> | string | null {
  if (token === null) return null
  try {
    const body = decodeBase64Url(token.split('.')[1] ?? '')
    const claims = JSON.parse(body === null ? '' : new TextDecoder().decode(new Uint8Array(body))) as Readonly<Record<string, unknown>>
    return Object.fromEntries(Object.entries(claims).filter(([name]) => !PASSING.has(name)))
  } catch {
    return token
  }
}
