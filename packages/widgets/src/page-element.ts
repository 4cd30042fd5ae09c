import { createClient, EMPTY_PICTURE, indexedDbCache, sessionReaderMemory, type Client, type Page, type Picture } from '@sheetflow/client'
import { SheetflowError } from '@sheetflow/core/errors'
import type { PageScope } from './scope.ts'

/** What widgets cannot have by themselves (DESIGN: pages have no clock of their own), and what tests bring. */
export interface WidgetHost {
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** Numbers in [0, 1). */
  readonly random: () => number
  /** Makes the client of a page; by default one over HTTP and a WebSocket, with the browser's IndexedDB and session storage for the time offline. */
  readonly connect?: (src: string, token: () => Promise<string | null>) => Client
}

/**
 * `<sf-page src="/graphql" query="…" token-src="/token">`: holds one query and its connection; widgets inside show parts of it.
 *
 * `token` is the reader's token itself, `token-src` an address that answers `{"token": "…"}` whenever one is needed. The elements' attribute
 * `state` is the page's (`loading static live stale offline`), for styles.
 */
export class SfPage extends HTMLElement implements PageScope {
  static readonly observedAttributes: readonly string[] = ['query', 'src']
  /** Set by `registerWidgets`. */
  static host: WidgetHost | null = null
  #client: Client | null = null
  #page: Page | null = null
  #picture: Picture = EMPTY_PICTURE
  #frame: number | null = null
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
    this.#client = host.connect?.(src, () => this.#token()) ?? defaultClient(host, src, () => this.#token())
    this.#client.onLink(() => this.redraw())
    try {
      this.#page = this.#client.page(query)
    } catch (error) {
      this.#picture = { ...EMPTY_PICTURE, error: { code: 'query/parse', message: error instanceof Error ? error.message : String(error) } }
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

  async #token(): Promise<string | null> {
    const src = this.getAttribute('token-src')
    if (src === null) return this.getAttribute('token')
    const answer = await fetch(src, { cache: 'no-store' })
    // A proxy whose server is away says nothing of who reads.
    if (answer.status >= 500) throw new SheetflowError('client/offline', `${src} answers ${answer.status}`)
    if (!answer.ok) return null
    const body: unknown = await answer.json()
    return typeof body === 'object' && body !== null && 'token' in body && typeof body.token === 'string' ? body.token : null
  }
}

function defaultClient(host: WidgetHost, url: string, token: () => Promise<string | null>): Client {
  const { clock, random } = host
  return createClient({ url, token, clock, random, cache: indexedDbCache(), readerMemory: sessionReaderMemory() })
}
