/**
 * Remembers who read last, by server, for the time in which nobody can say it: one short text that tells readers apart and names none.
 * Losing it costs nothing but the picture that is shown meanwhile. Whoever can read it can read the kept pages too.
 */
export interface ReaderMemory {
  /** Null: nobody is remembered. */
  load(server: string): string | null
  save(server: string, reader: string): void
}

/** Remembers nobody. */
export const NO_READER_MEMORY: ReaderMemory = { load: () => null, save: () => undefined }

const PREFIX = 'sheetflow reader '

/**
 * Remembers as long as the tab is open, reloads included: the session storage of the page. Whatever goes wrong with it (frames without an origin,
 * storage switched off) is as if nobody had been remembered.
 */
export function sessionReaderMemory(storage: () => Pick<Storage, 'getItem' | 'setItem'> = () => sessionStorage): ReaderMemory {
  return {
    load: (server) => {
      try {
        return storage().getItem(PREFIX + server)
      } catch {
        return null
      }
    },
    save: (server, reader) => {
      try {
        storage().setItem(PREFIX + server, reader)
      } catch {
        // Nothing is lost but the picture after a reload without a server.
      }
    },
  }
}
