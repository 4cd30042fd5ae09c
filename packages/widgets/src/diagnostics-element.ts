/**
 * `<sf-diagnostics src="/_sheetflow/dev">`: while sheets are edited (`sheetflow dev`), shows what is wrong with them: file, line, caret, why and fix.
 * The old version keeps running below it. Outside of dev the address answers nothing, and nothing is shown.
 */
export class SfDiagnostics extends HTMLElement {
  #events: EventSource | null = null
  #text: HTMLElement | null = null

  connectedCallback(): void {
    this.hidden = true
    this.#text ??= this.#make()
    this.#events = new EventSource(this.getAttribute('src') ?? '/_sheetflow/dev')
    this.#events.addEventListener('message', (event) => this.#take(event.data))
  }

  disconnectedCallback(): void {
    this.#events?.close()
    this.#events = null
  }

  #make(): HTMLElement {
    const text = document.createElement('pre')
    text.setAttribute('role', 'alert')
    // Long lines are scrolled, by keyboard too.
    text.tabIndex = 0
    const head = document.createElement('div')
    head.className = 'sf-diagnostics-head'
    const title = document.createElement('strong')
    title.textContent = 'A sheet has errors: the version before goes on running'
    const close = document.createElement('button')
    close.type = 'button'
    close.textContent = 'Hide'
    close.addEventListener('click', () => {
      this.hidden = true
    })
    head.append(title, close)
    this.append(head, text)
    return text
  }

  #take(data: unknown): void {
    if (typeof data !== 'string' || this.#text === null) return
    const diagnostics = diagnosticsOf(data)
    if (diagnostics === undefined) return
    this.#text.textContent = diagnostics ?? ''
    this.hidden = diagnostics === null
  }
}

/** `{"diagnostics": text | null}`; anything else is not for us. */
function diagnosticsOf(data: string): string | null | undefined {
  try {
    const message = JSON.parse(data) as { readonly diagnostics?: unknown } | null
    const diagnostics = message?.diagnostics
    return diagnostics === null || typeof diagnostics === 'string' ? diagnostics : undefined
  } catch {
    return undefined
  }
}
