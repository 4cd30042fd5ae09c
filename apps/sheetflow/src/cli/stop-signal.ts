/**
 * A signal that aborts at the first Ctrl-C (or SIGTERM): what runs then drains. The second one ends the process at once.
 * Disposing takes the listeners away.
 */
export function stopSignal(note: (text: string) => void): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController()
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143)
    note('\nstopping: finishing what is under way (again to end at once)')
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
