import type { Picture } from '@sheetflow/client'
import { SfPage } from './page-element.ts'

/**
 * A widget inside `<sf-page>`: finds its page when it is put into the document, and draws what the page shows, at most once a frame of the
 * screen. A widget is a custom element with a `Drawing`; custom elements must extend `HTMLElement`, nothing else is inherited.
 */
export interface Drawing {
  draw(picture: Picture, page: SfPage): void
}

/** Connects a drawing with the page around it; returns the end of it. */
export function drawIn(element: HTMLElement, drawing: Drawing): () => void {
  const page = element.closest('sf-page')
  if (!(page instanceof SfPage)) return () => undefined
  return page.draws((picture) => drawing.draw(picture, page))
}
