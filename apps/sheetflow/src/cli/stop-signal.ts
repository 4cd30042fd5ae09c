/** A terminal's Ctrl-C arrives twice under npm, from the terminal and from npm itself: signals this close together are one wish. */
const SAME_WISH_MS = 500

/**
 * A signal that aborts at the first Ctrl-C (or SIGTERM): what runs then drains. The second one ends the process at once.
 * `by`: which one it was. Disposing takes the listeners away.
 */
export function stopSignal(
  note: (text: string) => void,
): { readonly signal: AbortSignal; readonly by: NodeJS.Signals | null } & Disposable {
  const controller = new AbortController()
  let firstAt = 0
  let by: NodeJS.Signals | null = null
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      if (performance.now() - firstAt < SAME_WISH_MS) return
      process.exit(name === 'SIGINT' ? 130 : 143)
    }
    firstAt = performance.now()
    by = name
    note('\nstopping: finishing what is under way (again to end at once)')
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    get by() {
      return by
    },
    [Symbol.dispose]: () => {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
