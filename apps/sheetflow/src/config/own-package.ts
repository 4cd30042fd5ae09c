import { registerHooks } from 'node:module'

/** What a project imports, and where this program has it. */
const OWN: Readonly<Record<string, string>> = { sheetflow: import.meta.resolve('sheetflow') }

let isOffered = false

/**
 * Lets the modules of a project (`sheetflow.config.ts`, commands) import `sheetflow` also where it is not installed beside them, as when it was
 * started by `npx` or from another folder: they get this very program's. An installed one wins. Once a thread.
 */
export function offerOwnPackage(): void {
  if (isOffered) return
  isOffered = true
  registerHooks({
    resolve(specifier, context, next) {
      const own = OWN[specifier]
      if (own === undefined) return next(specifier, context)
      try {
        return next(specifier, context)
      } catch {
        return next(own, context)
      }
    },
  })
}
