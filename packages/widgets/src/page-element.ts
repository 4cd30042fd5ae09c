import { createClient, EMPTY_PICTURE, indexedDbCache, sessionReaderMemory, type Client, type Page, type Picture } from '@sheetflow/client'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { PageScope } from './scope.ts'
import { TokenAddress } from './token-address.ts'

/** What widgets cannot have by themselves (`layers.mjs`: code of pages has no clock of its own), and what tests bring. */
export interface WidgetHost {
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Numbers in [0, 1). */
  readonly random: () => number
  /** Makes the client of a page; by default one over HTTP and a WebSocket, with the browser's IndexedDB and session storage for the time offline. */
  readonly connect?: (src: string, token: () => Promise<string | null>, userClaim: string) => Client
}

/**
 * `<sf-page src="/graphql" query="…" token-src="/token">`: holds one query and its connection; widgets inside show parts of it.
 *
 * `token` is the reader's token itself, `token-src` an address that answers `{"token": "…"}` whenever one is needed, and 401, 403 or 404 where nobody is signed in; any other
 * answer (408, 429, from 500 on) says nothing of who reads, and it is asked again after a while. `user-claim` is the server's `serve.identity.user` where that is not `sub`. The elements' attribute `state` is the page's (`loading static live stale offline`), for styles.
 */
export class SfPage extends HTMLElement implements PageScope {
  static readonly observedAttributes: readonly string[] = ['query', 'src']
  /** Set by `registerWidgets`. */
  static host: WidgetHost | null = null
  #client: Client | null = null
  #page: Page | null = null
  #picture: Picture = EMPTY_PICTURE
  #frame: number | null = null
  #tokens: { readonly src: string; readonly address: TokenAddress } | null = null
  readonly #draws = new Set<(picture: Picture) => void>()

  get client(): Client | null {
    return this.#client
  }

  /** What is known now; widgets may not have drawn it yet. */
  get picture(): Picture {
    return this.#picture
  }

  draws(draw: (picture: Picture) => void): () => void {
    this.#draws.add(draw)
    draw(this.#picture)
    return () => void this.#draws.delete(draw)
  }

  /** Draws again without a new picture: something else that widgets show has changed. */
  redraw(): void {
    // A hidden page has no frames; it draws when it is shown again.
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null
      this.setAttribute('state', this.#picture.state)
      for (const draw of this.#draws) draw(this.#picture)
    })
  }

  connectedCallback(): void {
    this.#open()
  }

  disconnectedCallback(): void {
    this.#close()
  }

  attributeChangedCallback(_name: string, before: string | null): void {
    if (before === null || !this.isConnected) return
    this.#close()
    this.#open()
  }

  #open(): void {
    const query = this.getAttribute('query') ?? this.querySelector(':scope > script[type="application/graphql"]')?.textContent
    const { host } = SfPage
    if (this.#client !== null || host === null || query === null || query === undefined) return
    const src = this.getAttribute('src') ?? '/graphql'
    const token = (): Promise<string | null> => this.#token(host)
    const userClaim = this.getAttribute('user-claim') ?? 'sub'
    this.#client = host.connect?.(src, token, userClaim) ?? defaultClient(host, src, token, userClaim)
    this.#client.onLink(() => this.redraw())
    try {
      this.#page = this.#client.page(query)
    } catch (error) {
      // What is no error of ours is a bug: it belongs into the console, not into what is wrong with the query.
      if (!isSheetflowError(error)) throw error
      const { code, message, fix } = error
      this.#picture = { ...EMPTY_PICTURE, error: { code, message, ...(fix === undefined ? {} : { fix }) } }
      this.redraw()
      return
    }
    this.#page.subscribe((picture) => {
      this.#picture = picture
      this.redraw()
    })
  }

  #close(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame)
    this.#frame = null
    this.#client?.close()
    this.#client = null
    this.#page = null
  }

  async #token(host: WidgetHost): Promise<string | null> {
    const src = this.getAttribute('token-src')
    if (src === null) return this.getAttribute('token')
    if (this.#tokens?.src !== src) this.#tokens = { src, address: new TokenAddress(src, host) }
    return await this.#tokens.address.token()
  }
}

function defaultClient(host: WidgetHost, url: string, token: () => Promise<string | null>, userClaim: string): Client {
  const { clock, random } = host
  return createClient({ url, token, userClaim, clock, random, cache: indexedDbCache(), readerMemory: sessionReaderMemory() })
}
