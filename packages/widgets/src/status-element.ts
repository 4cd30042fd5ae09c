import type { Picture } from '@sheetflow/client'
import type { SfPage } from './page-element.ts'
import { drawIn } from './widget-element.ts'

/** What is said of the connection and the page. */
const WORDS: Readonly<Record<string, string>> = {
  loading: 'Loading…',
  static: 'Loaded',
  live: 'Live',
  stale: 'Catching up…',
  offline: 'Offline: the last state is shown',
  connecting: 'Connecting…',
}

/** `<sf-status>`: is what the page shows right as of now? And what is wrong, if something is. */
export class SfStatus extends HTMLElement {
  #end: () => void = () => undefined

  connectedCallback(): void {
    this.setAttribute('role', 'status')
    this.#end = drawIn(this, this)
  }

  disconnectedCallback(): void {
    this.#end()
  }

  draw(picture: Picture, page: SfPage): void {
    const isWaiting = picture.state === 'loading' && page.client?.link !== 'connected'
    const state = isWaiting ? 'connecting' : picture.state
    const text = picture.error === null ? (WORDS[state] ?? state) : textOf(picture.error)
    this.dataset['state'] = picture.error === null ? state : 'error'
    if (this.textContent !== text) this.textContent = text
  }
}

function textOf({ code, message, fix }: NonNullable<Picture['error']>): string {
  return [`${message} (${code})`, fix ?? ''].filter((part) => part !== '').join('. ')
}
