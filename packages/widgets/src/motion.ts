/** A short highlight says what happened; who asked for less motion gets none. */

const ENTER_MS = 900
const CHANGE_MS = 900
const LEAVE_MS = 450

function isCalm(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches || document.hidden
}

/** A row has come. */
export function showEnter(element: HTMLElement): void {
  if (isCalm()) return
  element.animate({ backgroundColor: ['var(--sf-enter)', 'transparent'] }, { duration: ENTER_MS, easing: 'ease-out' })
}

/** A value has changed. */
export function showChange(element: HTMLElement): void {
  if (isCalm()) return
  element.animate({ backgroundColor: ['var(--sf-change)', 'transparent'] }, { duration: CHANGE_MS, easing: 'ease-out' })
}

/** A row goes: it stays for a moment, fading, and `end` is called when it may be taken away. Returns a function that keeps it. */
export function showLeave(element: HTMLElement, end: () => void): () => void {
  if (isCalm()) {
    end()
    return () => undefined
  }
  element.setAttribute('aria-hidden', 'true')
  element.setAttribute('data-sf-gone', '')
  const leaving = element.animate(
    { opacity: [1, 0], backgroundColor: ['var(--sf-leave)', 'transparent'] },
    { duration: LEAVE_MS, easing: 'ease-in', fill: 'forwards' },
  )
  leaving.onfinish = end
  return () => {
    leaving.onfinish = null
    leaving.cancel()
    element.removeAttribute('aria-hidden')
    element.removeAttribute('data-sf-gone')
  }
}
