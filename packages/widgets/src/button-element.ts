import type { FieldError } from '@sheetflow/client'
import { expectationsOf, payloadOf } from './payload.ts'
import { SfPage } from './page-element.ts'
import { rowAround } from './scope.ts'

/** How long "done" stays to be seen. */
const CONFIRMED_MS = 1600

/** `idle` · `pending` sent, its effect has not come round · `confirmed` it has · `failed` it will not. */
type ButtonState = 'idle' | 'pending' | 'confirmed' | 'failed'

/**
 * `<sf-button command="ship_order" payload='{"id": "$row.id"}' expect="leaves">Ship</sf-button>`: gives a command, with values of the row around it.
 * Shows that it is on its way, that its effect has come round, or why not. Without a connection the command waits for it.
 */
export class SfButton extends HTMLElement {
  #button: HTMLButtonElement | null = null
  #note: HTMLElement | null = null
  #waiting: string | null = null
  #reset: ReturnType<typeof setTimeout> | null = null

  connectedCallback(): void {
    if (this.#button !== null) return
    const button = document.createElement('button')
    button.type = 'button'
    button.append(...this.childNodes)
    button.addEventListener('click', (event) => {
      event.stopPropagation()
      this.#press()
    })
    const note = document.createElement('span')
    note.className = 'sf-button-note'
    note.setAttribute('role', 'status')
    this.append(button, note)
    this.#button = button
    this.#note = note
    this.#show('idle', '')
  }

  disconnectedCallback(): void {
    if (this.#reset !== null) clearTimeout(this.#reset)
  }

  #press(): void {
    const page = this.closest('sf-page')
    if (this.#waiting !== null || !(page instanceof SfPage) || page.client === null) return
    const { client } = page
    const scope = rowAround(this)
    if (this.#reset !== null) clearTimeout(this.#reset)
    let error: FieldError | null = null
    const end = client.onCommand((event) => {
      if (event.id !== this.#waiting) return
      error = event.error
      if (event.status === 'accepted') this.#show('pending', '')
    })
    try {
      const expect = expectationsOf(this.getAttribute('expect'), scope)
      const { id, settled } = client.command(this.getAttribute('command') ?? '', payloadOf(this.getAttribute('payload'), scope), { expect })
      this.#waiting = id
      this.#show('pending', client.link === 'connected' ? '' : 'waiting for the connection')
      // What became of it, not its last event, is the end: `done` is told when it is heard, and `applied` may still follow.
      void settled.then(() => {
        end()
        this.#settle(error)
      })
    } catch (thrown) {
      end()
      this.#show('failed', thrown instanceof Error ? thrown.message : String(thrown))
    }
  }

  #settle(error: FieldError | null): void {
    this.#waiting = null
    if (error === null) {
      this.#show('confirmed', '')
      this.#reset = setTimeout(() => this.#show('idle', ''), CONFIRMED_MS)
    } else this.#show('failed', error.message)
  }

  #show(state: ButtonState, note: string): void {
    this.dataset['state'] = state
    if (this.#button !== null) {
      // Not `disabled`: the focus stays where it is.
      this.#button.setAttribute('aria-disabled', String(state === 'pending'))
      this.#button.setAttribute('aria-busy', String(state === 'pending'))
    }
    if (this.#note !== null && this.#note.textContent !== note) this.#note.textContent = note
  }
}
